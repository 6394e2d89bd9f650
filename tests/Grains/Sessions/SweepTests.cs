using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using SessionManager.Nodes;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Cluster;

namespace SessionManager.Tests.Sessions;

public sealed class SweepTests : IDisposable
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(new SessionOptions().SweepSeconds);
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sweep");

    [Fact]
    public async Task The_sweep_falls_on_whole_periods_however_often_a_process_starts()
    {
        await using var cluster = await GrainCluster.Start(services: services => services
            .Configure<ReminderOptions>(reminders => reminders.MinimumReminderPeriod = Period)
            .AddSingleton<NodeCatalog>()
            .AddStorage(_ => new SqliteFile(Path.Combine(_folder.FullName, "sweep.db"))));
        var sweep = cluster.Grain<ISweepGrain>(ISweepGrain.Key);
        var stored = cluster.Silos[0].ServiceProvider.GetRequiredService<IReminderTable>();

        foreach (var seconds in new[] { 7, 19, 0, 3 })
        {
            await cluster.Advance(TimeSpan.FromSeconds(seconds));
            await sweep.Start();

            var tick = (await stored.ReadRow(sweep.GetGrainId(), "sweep"))!;
            Assert.Equal(0, tick.StartAt.Ticks % Period.Ticks);
            Assert.InRange(tick.StartAt - cluster.Clock.GetUtcNow().UtcDateTime, TimeSpan.FromTicks(1), Period);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
