using Orleans;
using Orleans.Runtime;
using SessionManager.Sessions;

namespace SessionManager.Simulation.Runtime;

public sealed class SimulatedSiloTests
{
    [Fact]
    public void A_silo_that_stops_dead_while_it_starts_never_runs()
    {
        var time = new VirtualTime(DateTimeOffset.UnixEpoch);
        var picker = new TurnPicker(new Rng(1), time, TurnPicker.Order.Any);
        var database = new FaultyDatabase(time, new Rng(1));
        var records = new GrainRecords(database, throughJson: false);
        var store = new SimulatedSessionStore(database, new SessionTable());
        var services = new Services(time, new Plan(new Scenario(1)), store, new Rng(1));
        var silo = new SimulatedSilo(typeof(SessionGrain).Assembly, services, records, records, picker, new SiloOptions());
        // The reminders are being read.
        var start = new Outside(picker).Start(silo.StartAsync);
        picker.RunOne();
        Assert.False(start.IsCompleted);

        silo.Abort();
        while (picker.RunOne() || time.FireNext(TimeSpan.FromMinutes(1)))
        {
        }

        Assert.IsType<SiloUnavailableException>(start.Exception?.InnerException);
        Assert.IsType<SiloUnavailableException>(silo.GetGrain<ISweepGrain>(ISweepGrain.Key).Start().Exception?.InnerException);
    }
}
