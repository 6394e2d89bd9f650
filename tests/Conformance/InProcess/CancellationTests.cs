using SessionManager.Conformance.Calls;

namespace SessionManager.Conformance;

/// <summary>Orleans sends a cancellation as a message of its own, which may come too late; here it cannot.</summary>
public sealed class CancellationTests : EngineTests
{
    [Fact]
    public async Task A_call_cancelled_while_it_waits_its_turn_never_starts()
    {
        using var cancellation = new CancellationTokenSource();
        var first = Grain<IEchoGrain>().WaitAt("door");
        await Probe.Seen("at door");
        var second = Grain<IEchoGrain>().WaitBehind(cancellation.Token);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(second));
        Probe.Open("door");
        await Soon(first);

        await Soon(Grain<IEchoGrain>().Key());
        Assert.Equal(0, Probe.Count("ran behind"));
    }
}
