using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionManager.Providers;

namespace SessionManager.Clustering;

/// <summary>
/// A silo joins only when every silo that counts as alive answers it. When all died at once nobody is left to declare them
/// dead, and new ones, at other addresses, would wait for ever. So while this silo joins it looks at the others' signs of
/// life: who gave none for long, and none from one look to the next, is declared dead here. The second look is for a database
/// that was away itself: those who live sign again before it.
/// </summary>
sealed class LostSilos(IOptions<ClusterOptions> options, OrleansDatabase database, IHostApplicationLifetime lifetime, TimeProvider time)
    : IHostedService, IDisposable
{
    const string Find =
        """
        SELECT address, port, generation, alive_at AS AliveAt FROM cluster_member
        WHERE deployment_id = @Id AND status = 3 AND alive_at < @before
        """;

    const string Declare =
        """
        WITH lost AS (
            UPDATE cluster_member SET status = 6
            WHERE deployment_id = @Id AND address = @Address AND port = @Port AND generation = @Generation
                AND status = 3 AND alive_at = @AliveAt
            RETURNING 1
        )
        UPDATE cluster SET version = version + 1, changed_at = now()
        WHERE deployment_id = @Id AND EXISTS (SELECT FROM lost)
        """;

    static readonly TimeSpan Silence = 3 * Cluster.AlivePeriod;
    static readonly TimeSpan BetweenLooks = Cluster.AlivePeriod + TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _joined = new();
    Task _looking = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(_joined.Cancel);
        _looking = Look();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _joined.CancelAsync();
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _joined.Dispose();

    async Task Look()
    {
        HashSet<Member> silent = [];
        while (!_joined.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Source.OpenConnectionAsync(_joined.Token);
                var before = time.GetUtcNow().UtcDateTime - Silence;
                var found = (await connection.QueryAsync<Member>(Find, new { options.Value.Id, before })).ToHashSet();
                foreach (var member in found.Where(silent.Contains))
                    await connection.ExecuteAsync(Declare, new { options.Value.Id, member.Address, member.Port, member.Generation, member.AliveAt });
                silent = found;
            }
            catch (DbException)
            {
                // The silo's own joining needs the database as well, and says so.
            }

            await Task.Delay(BetweenLooks, time, _joined.Token);
        }
    }

    sealed record Member(string Address, int Port, int Generation, DateTime AliveAt);
}
