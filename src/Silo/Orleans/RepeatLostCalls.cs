using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using SessionManager.Accounts;

namespace SessionManager.Hosting;

/// <summary>
/// Silos come and go. A call that a stopping silo refused was never begun, and is made again. So is one that got no answer, or
/// met an activation that had been overtaken by another's write, if it only asks, or is a mint that its account recognises by
/// its key. Any other is its caller's to repeat.
/// </summary>
sealed class RepeatLostCalls(TimeProvider time) : IOutgoingGrainCallFilter
{
    /// <summary>Shorter than a request may take; longer than it takes to give up a silo that died.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(14);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var start = time.GetTimestamp();
        while (await Failure(context) is { } failure)
        {
            if (!Repeats(failure, context) || time.GetElapsedTime(start) > Patience)
                return;
            await Task.Delay(Pause, time);
        }
    }

    /// <summary>What the grain threw comes as an exception or within the answer, whichever way it went.</summary>
    static async Task<Exception?> Failure(IOutgoingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception exception)
        {
            context.Response = Response.FromException(exception);
        }

        return context.Response?.Exception;
    }

    static bool Repeats(Exception failure, IOutgoingGrainCallContext context) => failure switch
    {
        OrleansMessageRejectionException and not SiloUnavailableException => true,
        OrleansException or TimeoutException or OperationCanceledException => OnlyAsks(context) || IsKeyedMint(context),
        _ => false,
    };

    /// <summary>What may run in the middle of anything else changes nothing that is kept.</summary>
    static bool OnlyAsks(IOutgoingGrainCallContext context) =>
        context.InterfaceMethod.IsDefined(typeof(AlwaysInterleaveAttribute), inherit: true);

    static bool IsKeyedMint(IOutgoingGrainCallContext context) =>
        context.Request.GetArgumentCount() > 0 && context.Request.GetArgument(0) is MintRequest { IdempotencyKey: not null };
}
