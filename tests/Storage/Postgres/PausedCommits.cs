using Dapper;
using Npgsql;

namespace SessionManager.Tests.Storage.Postgres;

/// <summary>
/// Keeps writes to <c>sessions</c> waiting: past the check of their epochs, and before their commit. The database itself holds them,
/// by a trigger that asks for a lock which this connection has.
/// </summary>
sealed class PausedCommits : IAsyncDisposable
{
    const string Trigger =
        """
        CREATE OR REPLACE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(42);
            RETURN NULL;
        END $$;
        CREATE OR REPLACE TRIGGER wait_for_test AFTER INSERT OR UPDATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION wait_for_test();
        SELECT pg_advisory_lock(42)
        """;

    readonly NpgsqlConnection _connection;

    PausedCommits(string connectionString) => _connection = new NpgsqlConnection(connectionString + ";Pooling=false");

    public static async Task<PausedCommits> Begin(string connectionString)
    {
        var paused = new PausedCommits(connectionString);
        await paused._connection.OpenAsync();
        await paused._connection.ExecuteAsync(Trigger);
        return paused;
    }

    public Task End() => _connection.ExecuteAsync("SELECT pg_advisory_unlock(42)");

    /// <summary>Returns when so many of the database's connections wait for an advisory lock, or the other task has ended.</summary>
    public async Task AwaitWaiting(int count, Task orEnded)
    {
        while (!orEnded.IsCompleted && await Waiting(_connection) < count)
            await Task.Yield();
    }

    /// <summary>Breaks the connections that wait, as a crash of the server or of the network would.</summary>
    public Task BreakWaiting() => _connection.ExecuteAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");

    public static Task<int> Waiting(NpgsqlConnection connection) => connection.ExecuteScalarAsync<int>(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
