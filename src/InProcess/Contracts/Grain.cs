using Orleans.Runtime;
using SessionManager.InProcess;

namespace Orleans;

/// <summary>The base of a grain class. An instance is created by the engine for one activation and used only in its turns.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    protected Grain() : this(TurnQueue.Running as IGrainContext)
    {
    }

    protected Grain(IGrainContext? grainContext) => GrainContext = grainContext!;

    public IGrainContext GrainContext { get; }

    public GrainReference GrainReference => GrainContext.GrainReference;

    public string IdentityString => GrainContext.GrainId.ToString();

    protected IGrainFactory GrainFactory => Activation.Engine;

    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    internal Activation Activation => GrainContext as Activation
        ?? throw new InvalidOperationException("The grain was created outside the engine.");

    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the activation once the requests that are running have ended. Later requests go to a fresh one.</summary>
    protected void DeactivateOnIdle() => ((IGrainBase)this).DeactivateOnIdle();

    /// <summary>Not to be collected as idle for this long; zero or less takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Activation.DelayDeactivation(timeSpan);
}

/// <summary>What a grain class is to the engine; <see cref="Grain"/> is the usual way to be one.</summary>
public interface IGrainBase
{
    IGrainContext GrainContext { get; }

    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}

public static class GrainExtensions
{
    /// <exception cref="ArgumentException">It is neither a grain nor a reference.</exception>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase instance => instance.GrainContext.GrainId,
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a grain reference.", nameof(grain)),
    };

    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    public static Guid GetPrimaryKey(this IAddressable grain) => Guid.ParseExact(grain.GetGrainId().Key.ToString(), "N");

    public static long GetPrimaryKeyLong(this IAddressable grain) =>
        long.Parse(grain.GetGrainId().Key.ToString(), System.Globalization.NumberStyles.HexNumber,
            System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A reference to the same grain through another of its interfaces; of a grain's <c>this</c>, what to hand out.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain)
    {
        var reference = grain switch
        {
            GrainReference given => given,
            IGrainBase instance => instance.GrainContext.GrainReference,
            null => throw new ArgumentNullException(nameof(grain)),
            _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a grain reference.", nameof(grain)),
        };
        return reference is TGrainInterface same ? same : (TGrainInterface)(object)reference.As(typeof(TGrainInterface));
    }

    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();
}
