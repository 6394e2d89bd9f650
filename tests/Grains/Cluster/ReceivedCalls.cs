using System.Collections.Concurrent;
using Orleans;

namespace SessionManager.Tests.Cluster;

/// <summary>What has begun to run in a grain: a test that needs a call to be under way waits for it here, not for a while.</summary>
sealed class ReceivedCalls : IIncomingGrainCallFilter
{
    readonly ConcurrentDictionary<(object Grain, string Method), TaskCompletionSource> _received = new();

    /// <summary>The first call of the method at the grain, from the start of the cluster on.</summary>
    public Task Of(IAddressable grain, string method) => Entry(grain.GetGrainId(), method).Task;

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var running = context.Invoke();
        Entry(context.TargetId, context.MethodName).TrySetResult();
        await running;
    }

    TaskCompletionSource Entry(object grain, string method) =>
        _received.GetOrAdd((grain, method), _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
