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

    [Id(9)] public long StreamedMilliseconds { get; init; }

    // As ticks, 0 for none: both owners keep a report of every live session, and a nullable instant would take three times the room.
    [Id(6)] long HeldTicks { get; init; }
    [Id(7)] long DeadlineTicks { get; init; }
    [Id(8)] long ConnectedTicks { get; init; }

    /// <summary>As <see cref="SessionRow.HoldsUntil"/>.</summary>
    public DateTimeOffset? HoldsUntil { get => Instant(HeldTicks); init => HeldTicks = Ticks(value); }
    public DateTimeOffset? NextDeadline { get => Instant(DeadlineTicks); init => DeadlineTicks = Ticks(value); }
    public DateTimeOffset? ConnectionSince { get => Instant(ConnectedTicks); init => ConnectedTicks = Ticks(value); }

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
        ConnectionSince = row.ConnectionSince,
        StreamedMilliseconds = row.StreamedMilliseconds,
    };

    static DateTimeOffset? Instant(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    static long Ticks(DateTimeOffset? instant) => instant?.UtcTicks ?? 0;
}
