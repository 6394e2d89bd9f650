using System.Data.Common;
using Dapper;
using SessionManager.Hosting;

namespace SessionManager.Journal;

/// <summary>
/// The journal's tables, version by version: a step is never changed once released, only followed by another. Instants are
/// whole 100 ns since 1970 (UTC), as exact as the records they come from; names are the wire's.
/// </summary>
static class JournalSchema
{
    /// <param name="Lock">Runs first in the migrating transaction and makes every other one wait.</param>
    /// <param name="Identity">A column that counts by itself.</param>
    public sealed record Dialect(string? Lock, string Identity);

    /// <summary>A SQLite transaction of ours takes the file's write lock when it begins.</summary>
    public static readonly Dialect SQLite = new(null, "INTEGER PRIMARY KEY AUTOINCREMENT");

    /// <summary>The number is arbitrary and must stay what it is.</summary>
    public static readonly Dialect PostgreSQL = new(
        "SELECT pg_advisory_xact_lock(5080001)", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");

    static readonly string[] Steps =
    [
        """
        CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY,
            seq INTEGER NOT NULL,
            account_id TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            node_id TEXT NOT NULL,
            region TEXT NOT NULL,
            model TEXT NOT NULL,
            image_to_video INTEGER,
            created_at BIGINT NOT NULL,
            token_expires_at BIGINT,
            token_expired INTEGER NOT NULL,
            connected_at BIGINT,
            dropped_at BIGINT,
            last_activity_at BIGINT NOT NULL,
            broadcast_id TEXT,
            purged_at BIGINT
        );
        CREATE INDEX sessions_newest ON sessions (created_at DESC, session_id DESC) WHERE purged_at IS NULL;
        CREATE INDEX sessions_of_account ON sessions (account_id, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
        CREATE INDEX sessions_by_state ON sessions (state, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
        CREATE INDEX sessions_to_purge ON sessions (dropped_at) WHERE purged_at IS NULL AND dropped_at IS NOT NULL;

        CREATE TABLE session_events (
            session_id TEXT NOT NULL,
            seq INTEGER NOT NULL,
            account_id TEXT NOT NULL,
            at BIGINT NOT NULL,
            type TEXT NOT NULL,
            node_id TEXT,
            connection_id TEXT,
            detail TEXT,
            streamed_seconds DOUBLE PRECISION,
            PRIMARY KEY (session_id, seq)
        );
        CREATE INDEX session_events_streamed ON session_events (account_id, at) WHERE streamed_seconds IS NOT NULL;

        CREATE TABLE audit (
            id {identity},
            at BIGINT NOT NULL,
            actor TEXT,
            key_id TEXT,
            action TEXT NOT NULL,
            target TEXT,
            detail TEXT,
            address TEXT,
            request_id TEXT
        );
        CREATE INDEX audit_by_actor ON audit (actor, id);
        CREATE INDEX audit_by_target ON audit (target, id);
        CREATE INDEX audit_by_action ON audit (action, id);

        CREATE TABLE users (
            id TEXT PRIMARY KEY,
            username TEXT NOT NULL,
            username_lower TEXT NOT NULL,
            created_at BIGINT NOT NULL
        );
        CREATE UNIQUE INDEX users_by_name ON users (username_lower);
        """,
    ];

    /// <exception cref="StartupException">The tables are of a newer version than this one.</exception>
    public static async Task Apply(DbConnection connection, Dialect dialect, string place)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        if (dialect.Lock is not null)
            await connection.ExecuteAsync(dialect.Lock, transaction: transaction);
        await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS journal_version (version INTEGER NOT NULL)", transaction: transaction);
        var version = await connection.ExecuteScalarAsync<int?>("SELECT MAX(version) FROM journal_version", transaction: transaction) ?? 0;
        if (version > Steps.Length)
            throw new StartupException(
                $"The journal in {place} is of a newer version ({version}) than this program knows ({Steps.Length}). Start the newer program.");
        for (; version < Steps.Length; version++)
        {
            await connection.ExecuteAsync(Steps[version].Replace("{identity}", dialect.Identity, StringComparison.Ordinal), transaction: transaction);
            await connection.ExecuteAsync("INSERT INTO journal_version VALUES (@version)", new { version = version + 1 }, transaction);
        }

        await transaction.CommitAsync();
    }
}
