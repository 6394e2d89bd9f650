using Orleans;

namespace SessionManager.Sessions;

/// <summary>
/// What a session holds, as of one version of its row: what its account and its node need to know of it. They read it from the
/// rows, and the session tells them when it has changed. A message that is lost makes something slower, never wrong.
/// </summary>
[GenerateSerializer, Immutable, Alias("session-report")]
public sealed record SessionReport
{
    [Id(0)] public required string SessionId { get; init; }
    [Id(1)] public required long Version { get; init; }
    [Id(2)] public required string NodeId { get; init; }
    [Id(3)] public string? KeyId { get; init; }
    [Id(4)] public string? IdempotencyKey { get; init; }
    [Id(5)] public required SessionState State { get; init; }

    /// <summary>As <see cref="SessionRow.HoldsUntil"/>.</summary>
    [Id(6)] public DateTimeOffset? HoldsUntil { get; init; }
    [Id(7)] public DateTimeOffset? NextDeadline { get; init; }
    [Id(8)] public DateTimeOffset? ConnectedAt { get; init; }
    [Id(9)] public DateTimeOffset? ConnectionSince { get; init; }
    [Id(10)] public long StreamedMilliseconds { get; init; }

    public static SessionReport Of(SessionRow row) => new()
    {
        SessionId = row.SessionId,
        Version = row.Version,
        NodeId = row.NodeId,
        KeyId = row.KeyId,
        IdempotencyKey = row.IdempotencyKey,
        State = row.State,
        HoldsUntil = row.HoldsUntil,
        NextDeadline = row.NextDeadline,
        ConnectedAt = row.ConnectedAt,
        ConnectionSince = row.ConnectionSince,
        StreamedMilliseconds = row.StreamedMilliseconds,
    };
}
