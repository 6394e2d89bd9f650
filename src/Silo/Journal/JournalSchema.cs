using SessionManager.Storage;

namespace SessionManager.Journal;

/// <summary>
/// The journal's tables. Instants are whole 100 ns since 1970 (UTC), as exact as the records they come from; names are the
/// wire's.
/// </summary>
static class JournalSchema
{
    public static Schema SQLite { get; } = For(null);

    public static Schema PostgreSQL { get; } = For("SELECT pg_advisory_xact_lock(5080001)");

    static Schema For(string? wait) => new("journal", wait,
    [
        """
        CREATE TABLE journal_sessions (
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
        CREATE INDEX journal_sessions_newest ON journal_sessions (created_at DESC, session_id DESC) WHERE purged_at IS NULL;
        CREATE INDEX journal_sessions_of_account ON journal_sessions (account_id, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
        CREATE INDEX journal_sessions_of_account_by_state ON journal_sessions (account_id, state, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
        CREATE INDEX journal_sessions_by_state ON journal_sessions (state, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
        CREATE INDEX journal_sessions_to_purge ON journal_sessions (dropped_at) WHERE purged_at IS NULL AND dropped_at IS NOT NULL;

        CREATE TABLE journal_events (
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
        CREATE INDEX journal_events_streamed ON journal_events (account_id, at) WHERE streamed_seconds IS NOT NULL;
        """
    ]);
}
