using System.Data.Common;
using Dapper;
using SessionManager.Broadcasts;
using SessionManager.Lists;

namespace SessionManager.Storage.Broadcasts;

/// <summary>
/// Broadcasts, in the SQL that SQLite and PostgreSQL share. A broadcast is over when its row says so or when its session is: the
/// session's row decides, so nothing has to be written for it to end.
/// </summary>
sealed class BroadcastStore(IDatabase database) : IBroadcastStore
{
    const string Select =
        """
        SELECT b.broadcast_id, b.session_id, b.account_id, b.node_id, b.hls_url, b.created_at,
            COALESCE(b.ended_at, CASE WHEN s.session_id IS NULL THEN b.created_at ELSE s.dropped_at END), b.most_viewers
        FROM broadcasts b LEFT JOIN sessions s ON s.session_id = b.session_id
        """;

    public Task Insert(BroadcastRow row) => database.Write(
        """
        INSERT INTO broadcasts (broadcast_id, session_id, account_id, node_id, hls_url, created_at, most_viewers)
        VALUES (@broadcast_id, @session_id, @account_id, @node_id, @hls_url, @created_at, 0)
        ON CONFLICT DO NOTHING
        """,
        [
            ("broadcast_id", row.BroadcastId), ("session_id", row.SessionId), ("account_id", row.AccountId), ("node_id", row.NodeId),
            ("hls_url", row.HlsUrl), ("created_at", Instant.ToColumn(row.CreatedAt)),
        ]);

    public async Task<BroadcastRow?> Find(string broadcastId, CancellationToken cancellation = default)
    {
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"{Select} WHERE b.broadcast_id = @broadcastId", new { broadcastId }, cancellationToken: cancellation));
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    public async Task<Page<BroadcastRow>> List(BroadcastFilter filter, string? cursor, int limit, CancellationToken cancellation)
    {
        var query = new ListQuery(Select, "b.created_at DESC, b.broadcast_id DESC", limit);
        if (filter.AccountId is { } accountId)
            query.Where("b.account_id = @account", ("account", accountId));
        if (filter.Live is { } live)
            query.Where(live
                ? "b.ended_at IS NULL AND s.state <> 'dropped'"
                : "(b.ended_at IS NOT NULL OR s.session_id IS NULL OR s.state = 'dropped')");
        if (Cursor.Decode('b', cursor) is { } after)
            query.Where("(b.created_at, b.broadcast_id) < (@at, @id)", ("at", after.Number), ("id", after.Text));
        return await query.Read(
            database, Read, (row, _) => new Cursor('b', Instant.ToColumn(row.CreatedAt), row.BroadcastId), cancellation);
    }

    public Task SetHlsUrl(string broadcastId, string hlsUrl) => database.Write(
        "UPDATE broadcasts SET hls_url = @hls_url WHERE broadcast_id = @id", [("hls_url", hlsUrl), ("id", broadcastId)]);

    public Task End(string broadcastId, DateTimeOffset at) => database.Write(
        "UPDATE broadcasts SET ended_at = @at WHERE broadcast_id = @id AND ended_at IS NULL",
        [("at", Instant.ToColumn(at)), ("id", broadcastId)]);

    public Task NoteViewers(string broadcastId, int viewers) => database.Write(
        "UPDATE broadcasts SET most_viewers = @viewers WHERE broadcast_id = @id AND most_viewers < @viewers",
        [("viewers", (long)viewers), ("id", broadcastId)]);

    static BroadcastRow Read(DbDataReader reader) => new()
    {
        BroadcastId = reader.GetString(0),
        SessionId = reader.GetString(1),
        AccountId = reader.GetString(2),
        NodeId = reader.GetString(3),
        HlsUrl = reader.Text(4),
        CreatedAt = Instant.FromColumn(reader.GetInt64(5)),
        EndedAt = reader.Time(6),
        MostViewers = (int)reader.GetInt64(7),
    };
}
