using SessionManager.Storage;

namespace SessionManager.Journal;

/// <summary>
/// The journal's tables. Instants are whole 100 ns since 1970 (UTC), as exact as the records they come from; names are the
/// wire's.
/// </summary>
static class JournalSchema
{
    public static Schema SQLite { get; } = For("INTEGER PRIMARY KEY AUTOINCREMENT");

    public static Schema PostgreSQL { get; } = For("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");

    /// <param name="identity">How a column is declared that counts by itself: all in which the two differ.</param>
    static Schema For(string identity) => new("journal", 5_080_001,
    [
        $"""
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
        CREATE INDEX sessions_of_account_by_state ON sessions (account_id, state, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
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
        """
    ]);
}
