namespace SessionManager.Conformance.Turns;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Reports "name in", waits at the gate of that name, reports "name out".</summary>
    Task Visit(string name);

    [AlwaysInterleave]
    Task VisitInBetween(string name);

    [ReadOnly]
    Task Look(string name);

    Task<int> CountWithoutLocks(int times);

    Task<bool> StaysInItsScheduler();
}

public interface IReentrantTurnGrain : IGrainWithStringKey
{
    Task Visit(string name);
}

public sealed class TurnGrain(Probe probe) : Grain, ITurnGrain
{
    int _count;

    public Task Visit(string name) => Walk(name);

    public Task VisitInBetween(string name) => Walk(name);

    public Task Look(string name) => Walk(name);

    public async Task<int> CountWithoutLocks(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var seen = _count;
            await Task.Yield();
            _count = seen + 1;
        }

        return _count;
    }

    public async Task<bool> StaysInItsScheduler()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Run(() => { });
        return scheduler != TaskScheduler.Default && TaskScheduler.Current == scheduler;
    }

    async Task Walk(string name)
    {
        probe.Report($"{name} in");
        await probe.Gate(name);
        probe.Report($"{name} out");
    }
}

[Reentrant]
public sealed class ReentrantTurnGrain(Probe probe) : Grain, IReentrantTurnGrain
{
    public async Task Visit(string name)
    {
        probe.Report($"{name} in");
        await probe.Gate(name);
        probe.Report($"{name} out");
    }
}

public sealed class OrleansTurnTests : TurnTests<OrleansHost>;

public sealed class SimulatedTurnTests : TurnTests<SimulatedHost>;

public abstract class TurnTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    [Fact]
    public async Task A_request_starts_only_when_the_one_before_has_completed()
    {
        var grain = Grain<ITurnGrain>();
        var first = grain.Visit("first");
        await Probe.Seen("first in");
        var second = grain.Visit("second");
        Probe.Open("second");
        await Soon(grain.VisitInBetweenOpened(Probe));
        Assert.Equal(0, Probe.Count("second in"));

        Probe.Open("first");
        await Soon(Task.WhenAll(first, second));

        Assert.Equal(["first in", "first out", "second in", "second out"], Probe.Events.Where(e => !e.StartsWith("between", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Requests_are_served_in_the_order_they_were_sent()
    {
        var grain = Grain<ITurnGrain>();
        var names = Enumerable.Range(0, 50).Select(i => $"v{i:00}").ToList();
        var first = grain.Visit("first");
        await Probe.Seen("first in");
        var rest = names.ConvertAll(grain.Visit);
        foreach (var name in names) Probe.Open(name);
        Probe.Open("first");

        await Soon(Task.WhenAll(rest.Prepend(first)));

        var order = Probe.Events.Where(e => e.EndsWith(" in", StringComparison.Ordinal) && e[0] == 'v').Select(e => e[..3]);
        Assert.Equal(names.Order(), order.Order());
    }

    [Fact]
    public async Task Turns_never_overlap_so_grain_code_needs_no_locks()
    {
        var grain = Grain<ITurnGrain>();

        await Soon(Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.CountWithoutLocks(50))));

        Assert.Equal(1001, await Soon(grain.CountWithoutLocks(1)));
    }

    [Fact]
    public async Task An_await_continues_in_the_grains_own_scheduler() =>
        Assert.True(await Soon(Grain<ITurnGrain>().StaysInItsScheduler()));

    [Fact]
    public async Task An_always_interleaving_method_runs_between_another_requests_turns()
    {
        var grain = Grain<ITurnGrain>();
        var first = grain.Visit("first");
        await Probe.Seen("first in");

        await Soon(grain.VisitInBetweenOpened(Probe));

        Assert.Equal(0, Probe.Count("first out"));
        Probe.Open("first");
        await Soon(first);
    }

    [Fact]
    public async Task While_an_interleaving_method_runs_an_ordinary_one_may_start()
    {
        var grain = Grain<ITurnGrain>();
        var between = grain.VisitInBetween("between");
        await Probe.Seen("between in");

        Probe.Open("ordinary");
        await Soon(grain.Visit("ordinary"));

        Probe.Open("between");
        await Soon(between);
    }

    [Fact]
    public async Task Read_only_methods_interleave_with_each_other_but_not_with_others()
    {
        var grain = Grain<ITurnGrain>();
        var looking = grain.Look("look1");
        await Probe.Seen("look1 in");
        var writing = grain.Visit("write");
        Probe.Open("write");

        Probe.Open("look2");
        await Soon(grain.Look("look2"));

        Assert.Equal(0, Probe.Count("write in"));
        Probe.Open("look1");
        await Soon(Task.WhenAll(looking, writing));
    }

    [Fact]
    public async Task A_reentrant_grain_serves_requests_while_others_await()
    {
        var grain = Grain<IReentrantTurnGrain>();
        var first = grain.Visit("first");
        await Probe.Seen("first in");

        Probe.Open("second");
        await Soon(grain.Visit("second"));

        Probe.Open("first");
        await Soon(first);
    }
}

static class TurnGrainExtensions
{
    /// <summary>A full round trip through the grain, so that whatever could have started before it has.</summary>
    public static Task VisitInBetweenOpened(this ITurnGrain grain, Probe probe)
    {
        probe.Open("between");
        return grain.VisitInBetween("between");
    }
}
