using SessionManager.Storage.Broadcasts;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage;

/// <summary>All tables but Orleans' own.</summary>
static class Tables
{
    public static Schema Sqlite { get; } = new("storage", Lock: null, [SessionTables.Sqlite + For("INTEGER PRIMARY KEY AUTOINCREMENT"), BroadcastTable.Step]);

    public static Schema Postgres { get; } = new(
        "storage",
        "SELECT pg_advisory_xact_lock(5080003)",
        [SessionTables.Postgres + For("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"), BroadcastTable.Step]);

    /// <param name="identity">How a column is declared that counts by itself.</param>
    static string For(string identity) =>
        $"""

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
        """;
}
