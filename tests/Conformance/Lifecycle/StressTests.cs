using System.Collections.Concurrent;
using SessionManager.Conformance.State;

namespace SessionManager.Conformance.Lifecycle;

[Reentrant]
public sealed class CounterGrain([PersistentState("counter")] IPersistentState<Wallet> counter) : Grain, ICounterGrain
{
    public async Task Increment()
    {
        counter.State.Amount++;
        await counter.WriteStateAsync();
    }

    public Task<int> Count() => Task.FromResult(counter.State.Amount);

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public interface ICounterGrain : IGrainWithStringKey
{
    Task Increment();

    Task<int> Count();

    Task Deactivate();
}

public sealed class OrleansStressTests : StressTests<OrleansHost>;

public sealed class SimulatedStressTests : StressTests<SimulatedHost>;

public abstract class StressTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_done_twice_while_activations_end_all_the_time()
    {
        var acknowledged = new ConcurrentDictionary<string, int>();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(() => CallAsync(new Random(caller), acknowledged))));

        foreach (var (key, count) in acknowledged) Assert.Equal(count, await Soon(Grain<ICounterGrain>(key).Count()));
    }

    async Task CallAsync(Random random, ConcurrentDictionary<string, int> acknowledged)
    {
        for (var i = 0; i < 300; i++)
        {
            var key = $"{random.Next(8)}";
            try
            {
                if (random.Next(4) == 0)
                {
                    await Soon(Grain<ICounterGrain>(key).Deactivate());
                }
                else
                {
                    await Soon(Grain<ICounterGrain>(key).Increment());
                    acknowledged.AddOrUpdate(key, 1, static (_, count) => count + 1);
                }
            }
            catch (OrleansMessageRejectionException)
            {
                // It never started, so it counts for nothing.
            }
        }
    }
}
