using System.Collections.Frozen;
using System.Reflection;
using SessionManager.InProcess;

namespace Orleans.Runtime;

/// <summary>A reference to a grain or an observer, through one of its interfaces. Two are equal when they name the same one.</summary>
public class GrainReference : DispatchProxy, IAddressable, IEquatable<GrainReference>
{
    FrozenDictionary<MethodInfo, GrainMethod> _methods = null!;
    ICallRouter _router = null!;
    GrainId _grainId;

    public GrainId GrainId => _grainId;

    public static bool operator ==(GrainReference? left, GrainReference? right) => Equals(left, right);
    public static bool operator !=(GrainReference? left, GrainReference? right) => !Equals(left, right);

    public bool Equals(GrainReference? other) => other is not null && _grainId == other._grainId && ReferenceEquals(_router, other._router);

    public sealed override bool Equals(object? obj) => obj is GrainReference other && Equals(other);
    public sealed override int GetHashCode() => _grainId.GetHashCode();
    public sealed override string ToString() => $"GrainReference:{_grainId}";

    internal static GrainReference Create(Type type, GrainId id, ICallRouter router)
    {
        var methods = GrainMethod.Of(type);
        var reference = (GrainReference)Create(type, typeof(GrainReference));
        reference._methods = methods;
        reference._grainId = id;
        reference._router = router;
        return reference;
    }

    internal GrainReference As(Type type) => Create(type, _grainId, _router);

    /// <param name="stillWanted">See <see cref="Call.StillWanted"/>.</param>
    internal object? Call(GrainMethod method, object?[] arguments, Func<bool>? stillWanted = null)
    {
        foreach (var parameter in method.References)
        {
            // A grain that passes itself passes a reference to itself.
            ref var argument = ref arguments[parameter.Position];
            if (argument is IGrainBase grain) argument = grain.GrainContext.GrainReference.As(parameter.ParameterType);
        }

        var call = method.Shape.NewCall(method, arguments, _grainId, stillWanted);
        if (method.CancellationIndex >= 0) call.Observe((CancellationToken)arguments[method.CancellationIndex]!);
        if (call.IsDone) return method.Shape.Pending(call);
        _router.Route(call);
        return method.OneWay ? method.Shape.Sent() : method.Shape.Pending(call);
    }

    protected sealed override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Call(_methods[targetMethod!], args ?? []);
}

/// <summary>Brings a call to the queue that serves it. A call it cannot bring there fails; nothing is thrown.</summary>
interface ICallRouter
{
    void Route(Call call);
}
