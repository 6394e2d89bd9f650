using Npgsql;
using SessionManager.InProcess;
using SessionManager.Tests;

namespace SessionManager.Conformance;

public sealed class PostgresGrainStoreTests
{
    static readonly RecordKey Key = new(GrainId.Create("wallet", "a"), "state");

    [PostgresFact]
    public async Task What_was_written_is_there_when_the_database_is_opened_again()
    {
        var database = PostgresServer.Shared.CreateDatabase();
        var store = await Open(database);
        var etag = await store.WriteAsync(Key, new byte[] { 1, 2 }, null, default);
        await store.StopAsync();

        store = await Open(database);
        var stored = await store.ReadAsync(Key, default);
        await store.StopAsync();

        Assert.Equal(etag, stored!.ETag);
        Assert.Equal([1, 2], stored.Data.ToArray());
    }

    [PostgresFact]
    public async Task Many_writers_share_commits()
    {
        var store = await Open(PostgresServer.Shared.CreateDatabase());
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => store.WriteAsync(new(GrainId.Create("w", $"{i}"), "s"), new byte[1], null, default)));
        await store.StopAsync();

        Assert.Equal(500, store.Writes);
        Assert.InRange(store.Commits, 1, 100);
    }

    [PostgresFact]
    public async Task A_write_the_server_refuses_fails_alone()
    {
        var store = await Open(PostgresServer.Shared.CreateDatabase());
        var writes = Enumerable.Range(0, 50).Select(i => store.WriteAsync(new(GrainId.Create("w", i == 25 ? "\0" : $"{i}"), "s"), new byte[1], null, default)).ToList();

        await Task.WhenAny(Task.WhenAll(writes));
        await store.StopAsync();

        Assert.Equal(49, writes.Count(write => write.IsCompletedSuccessfully));
        Assert.IsType<OrleansException>(writes[25].Exception!.InnerException);
    }

    [PostgresFact]
    public async Task After_a_broken_connection_the_next_write_succeeds()
    {
        var database = PostgresServer.Shared.CreateDatabase();
        var store = await Open(database);
        await using (var source = NpgsqlDataSource.Create(database))
        await using (var kill = source.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))
            await kill.ExecuteNonQueryAsync();

        await Assert.ThrowsAsync<OrleansException>(() => store.WriteAsync(Key, new byte[1], null, default));
        await store.WriteAsync(Key, new byte[1], null, default);
        await store.StopAsync();
    }

    [PostgresFact]
    public async Task A_second_user_of_the_database_is_refused()
    {
        var database = PostgresServer.Shared.CreateDatabase();
        var store = await Open(database);

        var refused = await Assert.ThrowsAsync<StorageUnusableException>(() => Open(database));
        await store.StopAsync();

        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
        await (await Open(database)).StopAsync();
    }

    [PostgresFact]
    public async Task A_database_that_is_not_there_is_refused_with_its_name()
    {
        var refused = await Assert.ThrowsAsync<StorageUnusableException>(
            () => Open(new NpgsqlConnectionStringBuilder(PostgresServer.Shared.CreateDatabase()) { Database = "nowhere" }.ToString()));

        Assert.Contains("nowhere", refused.Message, StringComparison.Ordinal);
    }

    static async Task<PostgresGrainStore> Open(string database)
    {
        var store = new PostgresGrainStore(database);
        await store.StartAsync(CancellationToken.None);
        return store;
    }
}
