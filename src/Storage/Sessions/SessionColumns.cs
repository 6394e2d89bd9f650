using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using NpgsqlTypes;
using SessionManager.Sessions;

namespace SessionManager.Storage.Sessions;

/// <summary>How a session's row lies in its columns.</summary>
static class SessionColumns
{
    public static readonly ImmutableArray<Column> All =
    [
        Text("session_id", row => row.SessionId),
        Text("account_id", row => row.AccountId),
        Text("key_id", row => row.KeyId),
        Text("idempotency_key", row => row.IdempotencyKey),
        Text("body_digest", row => row.BodyDigest),
        Flag("needs_image_to_video", row => row.NeedsImageToVideo),
        Text("region_latencies", row => row.RegionLatencies.IsEmpty ? null : JsonSerializer.Serialize(row.RegionLatencies)),
        Time("created_at", row => row.CreatedAt),
        Number("version", row => row.Version),
        Text("node_id", row => row.NodeId),
        Text("region", row => row.Region),
        Text("model", row => row.Model),
        Flag("image_to_video", row => row.Capabilities?.ImageToVideo),
        Text("node_signaling_url", row => row.NodeSignalingUrl),
        Text("state", row => WireNames<SessionState>.Of(row.State)),
        Text("reason", row => row.Reason is { } reason ? WireNames<DropReason>.Of(reason) : null),
        Time("last_activity_at", row => row.LastActivityAt),
        Time("token_expires_at", row => row.TokenExpiresAt),
        Flag("token_expiry_noted", row => row.TokenExpiryNoted),
        Time("connected_at", row => row.ConnectedAt),
        Time("stream_ends_at", row => row.StreamEndsAt),
        Text("connection_id", row => row.ConnectionId),
        Time("connection_since", row => row.ConnectionSince),
        Text("ended_connections", row => row.EndedConnections.IsDefaultOrEmpty ? null : JsonSerializer.Serialize(row.EndedConnections)),
        Number("streamed_ms", row => row.StreamedMilliseconds),
        Number("refused_connects", row => row.RefusedConnects),
        Time("dropped_at", row => row.DroppedAt),
        Text("broadcast_id", row => row.BroadcastId),
        Number("last_seq", row => row.LastSeq),
        Time("holds_until", row => row.HoldsUntil),
        Time("next_deadline", row => row.NextDeadline),
    ];

    /// <summary>What an update writes: everything but the key of the row.</summary>
    public static readonly ImmutableArray<Column> Updated = [.. All.Where(column => column.Name != "session_id")];

    /// <summary>All of them, as <see cref="Read"/> expects them.</summary>
    public static readonly string List = string.Join(", ", All.Select(column => column.Name));

    /// <summary>The same, of the table <c>sessions</c> in a query that names others too.</summary>
    public static readonly string QualifiedList = string.Join(", ", All.Select(column => $"sessions.{column.Name}"));

    public static SessionRow Read(DbDataReader reader)
    {
        // Written down in the order of All, which is also the order in which the initializer runs.
        var next = -1;
        return new SessionRow
        {
            SessionId = reader.GetString(++next),
            AccountId = reader.GetString(++next),
            KeyId = reader.Text(++next),
            IdempotencyKey = reader.Text(++next),
            BodyDigest = reader.Text(++next),
            NeedsImageToVideo = reader.GetBoolean(++next),
            RegionLatencies = reader.Text(++next) is { } latencies
                ? JsonSerializer.Deserialize<ImmutableDictionary<string, double>>(latencies)!
                : ImmutableDictionary<string, double>.Empty,
            CreatedAt = Instant.FromColumn(reader.GetInt64(++next)),
            Version = reader.GetInt64(++next),
            NodeId = reader.GetString(++next),
            Region = reader.GetString(++next),
            Model = reader.GetString(++next),
            Capabilities = reader.IsDBNull(++next) ? null : new Capabilities(reader.GetBoolean(next)),
            NodeSignalingUrl = reader.Text(++next),
            State = WireNames<SessionState>.Parse(reader.GetString(++next)),
            Reason = reader.Text(++next) is { } reason ? WireNames<DropReason>.Parse(reason) : null,
            LastActivityAt = Instant.FromColumn(reader.GetInt64(++next)),
            TokenExpiresAt = reader.Time(++next),
            TokenExpiryNoted = reader.GetBoolean(++next),
            ConnectedAt = reader.Time(++next),
            StreamEndsAt = reader.Time(++next),
            ConnectionId = reader.Text(++next),
            ConnectionSince = reader.Time(++next),
            EndedConnections = reader.Text(++next) is { } ended ? [.. JsonSerializer.Deserialize<string[]>(ended)!] : [],
            StreamedMilliseconds = reader.GetInt64(++next),
            RefusedConnects = (int)reader.GetInt64(++next),
            DroppedAt = reader.Time(++next),
            BroadcastId = reader.Text(++next),
            LastSeq = (int)reader.GetInt64(++next),
            HoldsUntil = reader.Time(++next),
            NextDeadline = reader.Time(++next),
        };
    }

    static Column<string?> Text(string name, Func<SessionRow, string?> of) => new(name, NpgsqlDbType.Text, of);
    static Column<long> Number(string name, Func<SessionRow, long> of) => new(name, NpgsqlDbType.Bigint, of);
    static Column<bool?> Flag(string name, Func<SessionRow, bool?> of) => new(name, NpgsqlDbType.Boolean, of);
    static Column<long?> Time(string name, Func<SessionRow, DateTimeOffset?> of) => new(name, NpgsqlDbType.Bigint, row => Instant.ToColumn(of(row)));
}
