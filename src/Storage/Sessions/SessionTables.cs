namespace SessionManager.Storage.Sessions;

/// <summary>
/// The tables of the session store, the same in SQLite and PostgreSQL but for two columns of the events. A row is either live or
/// past, and each half has its own indexes: the live ones stay as few as the live sessions, and a mint writes into no other.
/// </summary>
static class SessionTables
{
    public static string Sqlite { get; } = For("id INTEGER PRIMARY KEY AUTOINCREMENT", "");

    /// <summary>
    /// An event carries the id of its transaction, because transactions commit out of the order in which they took numbers: who
    /// follows all events reads only below the oldest one that is still open.
    /// </summary>
    public static string Postgres { get; } = For(
        "transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id()",
        "CREATE INDEX session_events_in_order ON session_events (transaction_id);");

    static string For(string order, string orderIndex) =>
        $"""
        CREATE TABLE owners (
            kind SMALLINT NOT NULL,
            id TEXT NOT NULL,
            epoch BIGINT NOT NULL,
            PRIMARY KEY (kind, id)
        );

        CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            account_id TEXT NOT NULL,
            key_id TEXT,
            idempotency_key TEXT,
            body_digest TEXT,
            node_id TEXT NOT NULL,
            region TEXT NOT NULL,
            model TEXT NOT NULL,
            image_to_video BOOLEAN,
            node_signaling_url TEXT,
            needs_image_to_video BOOLEAN NOT NULL,
            region_latencies TEXT,
            state TEXT NOT NULL,
            reason TEXT,
            created_at BIGINT NOT NULL,
            last_activity_at BIGINT NOT NULL,
            token_expires_at BIGINT,
            token_expiry_noted BOOLEAN NOT NULL,
            connected_at BIGINT,
            stream_ends_at BIGINT,
            connection_id TEXT,
            connection_since BIGINT,
            ended_connections TEXT,
            streamed_ms BIGINT NOT NULL,
            refused_connects BIGINT NOT NULL,
            dropped_at BIGINT,
            broadcast_id TEXT,
            last_seq BIGINT NOT NULL,
            holds_until BIGINT,
            next_deadline BIGINT
        );
        CREATE UNIQUE INDEX sessions_by_idempotency_key ON sessions (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX sessions_with_idempotency_key ON sessions (created_at) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX sessions_live ON sessions (created_at, session_id) WHERE state <> 'dropped';
        CREATE INDEX sessions_live_of_account ON sessions (account_id, created_at, session_id) WHERE state <> 'dropped';
        CREATE INDEX sessions_live_of_node ON sessions (node_id) WHERE state <> 'dropped';
        CREATE INDEX sessions_overdue ON sessions (next_deadline) WHERE state <> 'dropped' AND next_deadline IS NOT NULL;
        CREATE INDEX sessions_connected ON sessions (connected_at) WHERE connected_at IS NOT NULL;
        CREATE INDEX sessions_past ON sessions (created_at, session_id) WHERE state = 'dropped';
        CREATE INDEX sessions_past_of_account ON sessions (account_id, created_at, session_id) WHERE state = 'dropped';
        CREATE INDEX sessions_past_in_order ON sessions (dropped_at) WHERE dropped_at IS NOT NULL;

        CREATE TABLE session_events (
            {order},
            session_id TEXT NOT NULL,
            seq INTEGER NOT NULL,
            account_id TEXT NOT NULL,
            at BIGINT NOT NULL,
            type TEXT NOT NULL,
            node_id TEXT,
            connection_id TEXT,
            detail TEXT,
            streamed_ms BIGINT
        );
        CREATE UNIQUE INDEX session_events_of_session ON session_events (session_id, seq);
        {orderIndex}

        CREATE TABLE usage (
            account_id TEXT NOT NULL,
            day TEXT NOT NULL,
            milliseconds BIGINT NOT NULL,
            sessions BIGINT NOT NULL,
            PRIMARY KEY (account_id, day)
        );
        """;
}
