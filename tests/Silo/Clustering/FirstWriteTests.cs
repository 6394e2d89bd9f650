using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans;
using Orleans.Runtime;
using SessionManager.Hosting;
using SessionManager.Keys;

namespace SessionManager.Tests.Clustering;

/// <summary>
/// Two processes that know nothing of each other on one database: each has its own activation of every grain, as two halves of
/// a cluster would have that lost sight of each other.
/// </summary>
public sealed class FirstWriteTests : IAsyncLifetime
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly string _folder = Directory.CreateTempSubdirectory("halves").FullName;
    readonly string _database = PostgresBinaries.Folder is null ? "" : PostgresServer.Shared.CreateDatabase();
    WebApplication _one = null!;
    WebApplication _other = null!;

    public async Task InitializeAsync()
    {
        (_one, _other) = (Half("one"), Half("other"));
        // Both bring the database up to date, at the same time.
        await Task.WhenAll(_one.StartAsync(), _other.StartAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (var half in new[] { _one, _other })
        {
            await half.StopAsync();
            await half.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [PostgresFact]
    public async Task Of_two_activations_that_write_a_grains_first_state_one_wins_and_the_other_reads_what_won()
    {
        for (var round = 0; round < 50; round++)
        {
            var hash = ImmutableArray.Create(SHA256.HashData(Encoding.UTF8.GetBytes($"key {round}")));
            var (first, second) = (Key(_one, hash), Key(_other, hash));
            // Now both are active and both have read that there is nothing.
            Assert.Null(await first.Get());
            Assert.Null(await second.Get());

            var writes = await Task.WhenAll(Outcome(first.Create(Record(hash, "first"))), Outcome(second.Create(Record(hash, "second"))));

            Assert.Single(writes, succeeded => succeeded);
            var (won, lost) = writes[0] ? (first, second) : (second, first);
            Assert.Equal(writes[0] ? "first" : "second", (await won.Get())!.Name);
            Assert.Equal((await won.Get())!.Name, (await Again(lost))!.Name);
        }

        Assert.Equal(50, await Count("SELECT count(*) FROM grain_state WHERE id_text LIKE 'key\\_%'"));
    }

    static async Task<bool> Outcome(Task<bool> write)
    {
        try
        {
            return await write;
        }
        catch (OrleansException)
        {
            return false;
        }
    }

    /// <summary>The activation that lost is on its way out and may refuse a call once more.</summary>
    static async Task<ApiKey?> Again(IKeyGrain grain)
    {
        ApiKey? key = null;
        await Eventually.Holds("the loser reads again", TimeSpan.FromSeconds(10), async () =>
        {
            try
            {
                key = await grain.Get();
                return true;
            }
            catch (OrleansException)
            {
                return false;
            }
        });
        return key;
    }

    static IKeyGrain Key(WebApplication half, ImmutableArray<byte> hash) =>
        half.Services.GetRequiredService<IGrainFactory>().GetGrain<IKeyGrain>(KeyFormat.IdOf(hash));

    static KeyRecord Record(ImmutableArray<byte> hash, string name) =>
        new() { AccountId = "usr_a", Hash = hash, Name = name, Prefix = "odn_aaaaaa", Scopes = [], CreatedAt = Start };

    WebApplication Half(string name) => SessionManagerHost.Build(
        [
            $"--DATA_DIR={Path.Combine(_folder, name)}", "--PORT=0", "--Logging:LogLevel:Default=None",
            "--Storage:Provider=PostgreSQL", $"--Storage:ConnectionString={_database}",
        ],
        (_, _) => { },
        _ => { });

    async Task<long> Count(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
