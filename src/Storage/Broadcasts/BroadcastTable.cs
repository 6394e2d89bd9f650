namespace SessionManager.Storage.Broadcasts;

static class BroadcastTable
{
    public const string Step =
        """
        CREATE TABLE broadcasts (
            broadcast_id TEXT PRIMARY KEY,
            session_id TEXT NOT NULL,
            account_id TEXT NOT NULL,
            node_id TEXT NOT NULL,
            hls_url TEXT,
            created_at BIGINT NOT NULL,
            ended_at BIGINT,
            most_viewers BIGINT NOT NULL
        );
        CREATE INDEX broadcasts_newest ON broadcasts (created_at, broadcast_id);
        CREATE INDEX broadcasts_of_account ON broadcasts (account_id, created_at, broadcast_id);
        CREATE INDEX broadcasts_of_session ON broadcasts (session_id);
        """;
}
