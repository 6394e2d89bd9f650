using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace SessionManager.Clustering;

/// <summary>
/// Silos come and go. A call that a stopping silo refused was never begun, and is made again. So is one that got no answer, or met an
/// activation that had been overtaken by another, if it only reads. Any other is its caller's to repeat, who knows whether it may be.
/// </summary>
sealed class RepeatLostCalls(TimeProvider time) : IOutgoingGrainCallFilter
{
    /// <summary>Shorter than a request may take; longer than it takes to give up a silo that died.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(14);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await context.Invoke();
                if (context.Response?.Exception is not { } told || !IsToRepeat(told))
                    return;
            }
            // What is not repeated must be thrown on: of a call without a result nobody looks at the response.
            catch (Exception thrown) when (IsToRepeat(thrown))
            {
            }

            await Task.Delay(Pause, time);
        }

        bool IsToRepeat(Exception failure) => Repeats(failure, context) && time.GetElapsedTime(start) <= Patience;
    }

    static bool Repeats(Exception failure, IOutgoingGrainCallContext context) => failure switch
    {
        OrleansMessageRejectionException and not SiloUnavailableException => true,
        OrleansException or TimeoutException or OperationCanceledException => OnlyReads(context),
        _ => false,
    };

    static bool OnlyReads(IOutgoingGrainCallContext context) =>
        context.InterfaceMethod.IsDefined(typeof(ReadOnlyAttribute), inherit: true);
}
