using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Tests.Storage.Sessions;

/// <summary>Rows as a mint and what follows it would make them.</summary>
public static class TestSessions
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 22, 0, 0, TimeSpan.Zero);

    public static SessionRow Row(string id, string account = "usr_a", string node = "node-1", int seconds = 0, string? key = null) => new()
    {
        SessionId = id,
        AccountId = account,
        NodeId = node,
        Region = "eu",
        Model = "m1",
        IdempotencyKey = key,
        BodyDigest = key is null ? null : "digest",
        CreatedAt = Start.AddSeconds(seconds),
        LastActivityAt = Start.AddSeconds(seconds),
        LastSeq = 1,
        HoldsUntil = Start.AddSeconds(seconds + 600),
        NextDeadline = Start.AddSeconds(seconds + 600),
    };

    /// <summary>Every member has a value of its own.</summary>
    public static SessionRow Full(string id) => new()
    {
        SessionId = id,
        AccountId = "usr_a",
        KeyId = "key_1",
        IdempotencyKey = "once",
        BodyDigest = "digest",
        NodeId = "node-1",
        Region = "eu",
        Model = "m1",
        Capabilities = new(true),
        NodeSignalingUrl = "wss://node.example/signaling",
        NeedsImageToVideo = true,
        RegionLatencies = ImmutableDictionary<string, double>.Empty.Add("eu", 12.5).Add("us", 80),
        State = SessionState.Connected,
        Reason = DropReason.ConnectionLost,
        CreatedAt = Start.AddMilliseconds(1),
        LastActivityAt = Start.AddMilliseconds(2),
        TokenExpiresAt = Start.AddMilliseconds(3),
        TokenExpiryNoted = true,
        ConnectedAt = Start.AddMilliseconds(4),
        StreamEndsAt = Start.AddMilliseconds(5),
        ConnectionId = "con_3",
        ConnectionSince = Start.AddMilliseconds(6),
        EndedConnections = ["con_1", "con_2"],
        StreamedMilliseconds = 7,
        RefusedConnects = 8,
        DroppedAt = Start.AddMilliseconds(9),
        BroadcastId = "brd_1",
        LastSeq = 10,
        HoldsUntil = Start.AddMilliseconds(11),
        NextDeadline = Start.AddMilliseconds(12),
    };

    public static SessionChange Minted(SessionRow row) => new(row, [new(1, row.CreatedAt, "minted", row.NodeId)], []);

    /// <summary>The next version, with an event of this type.</summary>
    public static SessionChange Next(this SessionRow row, string type, params ImmutableArray<UsageEntry> usage)
    {
        var next = row with { Version = row.Version + 1, LastSeq = row.LastSeq + 1 };
        return new(next, [new(next.LastSeq, row.LastActivityAt, type)], usage);
    }

    public static SessionChange Dropped(this SessionRow row, DateTimeOffset at, params ImmutableArray<UsageEntry> usage) =>
        (row with { State = SessionState.Dropped, Reason = DropReason.Idle, DroppedAt = at, HoldsUntil = null, NextDeadline = null })
            .Next("dropped", usage);

    /// <summary>Compares what is in the rows; of two equal collections a record only sees that they are two.</summary>
    public static void AssertSame(SessionRow expected, SessionRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.RegionLatencies.OrderBy(pair => pair.Key), actual.RegionLatencies.OrderBy(pair => pair.Key));
        Assert.Equal(expected.EndedConnections.AsEnumerable(), actual.EndedConnections.AsEnumerable());
        Assert.Equal(expected, actual with { RegionLatencies = expected.RegionLatencies, EndedConnections = expected.EndedConnections });
    }
}
