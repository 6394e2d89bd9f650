using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;

namespace SessionManager.Overview;

/// <summary>Hosts <see cref="RefusalMinutes"/>.</summary>
[GrainType("mint-refusals")]
public sealed class MintRefusalsGrain : Grain, IMintRefusalsGrain
{
    /// <summary>Collected earlier, it would forget what it is asked for an hour long.</summary>
    static readonly TimeSpan Stay = TimeSpan.FromHours(1);

    readonly RefusalMinutes _minutes = new();
    readonly TimeProvider _time;
    readonly DateTimeOffset _since;

    public MintRefusalsGrain(TimeProvider time)
    {
        _time = time;
        _since = time.Now();
    }

    public Task Add(ImmutableArray<RefusalCount> counts)
    {
        DelayDeactivation(Stay);
        _minutes.Add(counts, _time.Now());
        return Task.CompletedTask;
    }

    public Task<RefusalHistory> History()
    {
        DelayDeactivation(Stay);
        return Task.FromResult(new RefusalHistory(_since, _minutes.All(_time.Now())));
    }
}
