using System.Globalization;
using Orleans.Runtime;
using SessionManager.InProcess;

namespace Orleans
{
    public interface IGrain : IAddressable;
    public interface IGrainWithStringKey : IGrain;
    public interface IGrainWithGuidKey : IGrain;
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>An object outside the engine that grains may call; see <see cref="IGrainFactory.CreateObjectReference"/>.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>What a grain class is to the engine; <see cref="Grain"/> is the usual way to be one.</summary>
    public interface IGrainBase
    {
        IGrainContext GrainContext { get; }

        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }

    /// <summary>The base of a grain class. An instance is created by the engine for one activation and used only in its turns.</summary>
    public abstract class Grain : IGrainBase, IAddressable
    {
        public IGrainContext GrainContext { get; } = TurnQueue.Running as Activation
            ?? throw new InvalidOperationException("A grain is created by the engine only.");

        protected IGrainFactory GrainFactory => Activation.Engine;
        protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;
        Activation Activation => (Activation)GrainContext;

        public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Ends the activation once the requests that are running have ended. Later requests go to a fresh one.</summary>
        protected void DeactivateOnIdle() =>
            GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, null, $"{nameof(DeactivateOnIdle)} was called."));

        /// <summary>Not to be collected as idle for this long; zero or less takes that back.</summary>
        protected void DelayDeactivation(TimeSpan timeSpan) => Activation.DelayDeactivation(timeSpan);
    }

    public static class GrainExtensions
    {
        public static GrainId GetGrainId(this IAddressable grain) => Reference(grain).GrainId;

        public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

        public static Guid GetPrimaryKey(this IAddressable grain) => Guid.ParseExact(grain.GetPrimaryKeyString(), "N");

        public static long GetPrimaryKeyLong(this IAddressable grain) =>
            long.Parse(grain.GetPrimaryKeyString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        /// <summary>A reference to the same grain through another of its interfaces; of a grain's <c>this</c>, what to hand out.</summary>
        public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) =>
            (TGrainInterface)(object)Reference(grain).As(typeof(TGrainInterface));

        static GrainReference Reference(IAddressable grain) => grain switch
        {
            GrainReference reference => reference,
            IGrainBase instance => instance.GrainContext.GrainReference,
            _ => throw new ArgumentException($"{grain} is neither a grain nor a grain reference.", nameof(grain)),
        };
    }

    /// <summary>Why an activation ends: those of Orleans' codes that can occur in one process.</summary>
    public enum DeactivationReasonCode
    {
        None = 0,
        ShuttingDown = 1,
        ActivationFailed = 2,
        ActivationIdle = 4,
        ApplicationError = 8,
        ApplicationRequested = 9,
    }

    public readonly record struct DeactivationReason(DeactivationReasonCode ReasonCode, Exception? Exception, string Description);
}

namespace Orleans.Runtime
{
    /// <summary>An activation, as its grain sees it.</summary>
    public interface IGrainContext
    {
        GrainReference GrainReference { get; }
        GrainId GrainId { get; }
        IServiceProvider ActivationServices { get; }

        /// <summary>Starts the end of the activation; requests under way are waited for.</summary>
        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }
}
