using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.Simulation.Runtime;

/// <summary>What a silo does and Orleans keeps to itself. Another version of Orleans may call it otherwise: then the first turn fails.</summary>
static class OrleansInternals
{
    /// <summary>Says which grain the code on this thread belongs to; grains and their state ask.</summary>
    public static void SetExecutionContext(IGrainContext now, out IGrainContext? before) => SetExecutionContext(null, now, out before);

    /// <summary>Whether the conflict comes from the activation that it leaves first; only that one ends by it.</summary>
    public static bool TakeSource(InconsistentStateException conflict)
    {
        var isSource = IsSourceActivation(conflict);
        SetSourceActivation(conflict, false);
        return isSource;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern OrleansMessageRejectionException Rejection(string message);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "SetExecutionContext")]
    static extern void SetExecutionContext(
        [UnsafeAccessorType("Orleans.Runtime.RuntimeContext, Orleans.Core.Abstractions")] object? type, IGrainContext now, out IGrainContext? before);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsSourceActivation")]
    static extern bool IsSourceActivation(InconsistentStateException conflict);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_IsSourceActivation")]
    static extern void SetSourceActivation(InconsistentStateException conflict, bool value);
}
