namespace SessionManager.Conformance.Lifecycle;

public interface IWorkerGrain : IGrainWithStringKey
{
    Task Work(string gate);
}

[StatelessWorker(2)]
public sealed class WorkerGrain(Probe probe) : Grain, IWorkerGrain
{
    bool _busy;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Report("worker");
        return Task.CompletedTask;
    }

    public async Task Work(string gate)
    {
        probe.Report(_busy ? "overlap" : "in");
        _busy = true;
        await probe.Gate(gate);
        _busy = false;
    }
}

public sealed class StatelessWorkerTests : EngineTests
{
    [Fact]
    public async Task Overlapping_requests_are_shared_among_workers_up_to_the_limit()
    {
        var calls = Enumerable.Range(0, 4).Select(_ => Grain<IWorkerGrain>().Work("door")).ToList();
        await Probe.Seen("in", 2);
        Assert.Equal(2, Probe.Count("in"));

        Probe.Open("door");
        await Soon(Task.WhenAll(calls));

        Assert.Equal(4, Probe.Count("in"));
        Assert.Equal(2, Probe.Count("worker"));
        Assert.Equal(0, Probe.Count("overlap"));
    }

    [Fact]
    public async Task Requests_that_do_not_overlap_need_one_worker()
    {
        Probe.Open("door");
        for (var i = 0; i < 5; i++) await Soon(Grain<IWorkerGrain>().Work("door"));

        Assert.Equal(1, Probe.Count("worker"));
    }
}
