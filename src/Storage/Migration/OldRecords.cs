using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SessionManager.Sessions;

namespace SessionManager.Storage.Migration;

/// <summary>A session's record of the earlier version, which kept a session in three grains' records and a journal.</summary>
sealed record OldSession
{
    public required string SessionId { get; init; }
    public required string AccountId { get; init; }
    public string? KeyId { get; init; }
    public string? BodyDigest { get; init; }
    public required string NodeId { get; init; }
    public required string Region { get; init; }
    public required string Model { get; init; }
    public Capabilities? Capabilities { get; init; }
    public string? NodeSignalingUrl { get; init; }
    public bool NeedsImageToVideo { get; init; }
    public ImmutableDictionary<string, double>? RegionLatencies { get; init; }
    public SessionState State { get; init; }
    public DropReason? Reason { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset LastActivityAt { get; init; }
    public DateTimeOffset? TokenExpiresAt { get; init; }
    public bool TokenExpiryNoted { get; init; }
    public DateTimeOffset? ConnectedAt { get; init; }
    public int? MaxStreamSeconds { get; init; }
    public string? ConnectionId { get; init; }
    public DateTimeOffset? ConnectionSince { get; init; }
    public ImmutableArray<string>? EndedConnections { get; init; }
    public double StreamedSeconds { get; init; }
    public int RefusedConnects { get; init; }
    public DateTimeOffset? DroppedAt { get; init; }
    public string? BroadcastId { get; init; }
    public int LastSeq { get; init; }

    /// <summary>The part of the timeline that the journal may not have.</summary>
    public ImmutableArray<SessionEvent>? Outbox { get; init; }
}

/// <summary>What a session held of its account. An account's record said of each of its sessions until when it has a slot.</summary>
/// <param name="SlotUntil">Unix milliseconds; null: until it was given back.</param>
sealed record OldLease([property: JsonPropertyName("u")] long? SlotUntil);

/// <summary>What was in the records of accounts and nodes for their sessions' sake, and is in the sessions' rows now.</summary>
static class OldRecords
{
    /// <summary>Takes an account's leases out of its record.</summary>
    public static JsonObject WithoutSessions(JsonObject account, out JsonObject? leases)
    {
        leases = account["Leases"] as JsonObject;
        foreach (var member in new[] { "Leases", "Month", "StreamedSeconds" })
            account.Remove(member);
        return account;
    }

    /// <summary>Takes a node's places out of its record.</summary>
    public static JsonObject WithoutPlaces(JsonObject node, DateTimeOffset now)
    {
        // A deleted node kept its owner; now its id is free.
        if (node["Deleted"]?.GetValue<bool>() == true)
            return new JsonObject { ["Version"] = 1 };
        foreach (var member in new[] { "Deleted", "Places" })
            node.Remove(member);
        // Since when was not written down: it is forgotten a day from now.
        if (node["Lost"]?.GetValue<bool>() == true)
            node["LostAt"] = now;
        return node;
    }
}
