namespace SessionManager.Client;

/// <summary>A streaming node.</summary>
/// <param name="NodeId">Its id.</param>
/// <param name="OwnerId">The account that registered it.</param>
/// <param name="Region">Where it is.</param>
/// <param name="Model">What it streams.</param>
/// <param name="Capacity">Sessions it can stream at a time.</param>
/// <param name="Used">How many have a place on it, when it last said so.</param>
/// <param name="Capabilities">What it can do besides.</param>
/// <param name="SignalingUrl">Its own signaling server; <see langword="null"/>: the built-in gateway.</param>
/// <param name="PingUrl">Where clients measure their latency to it; <see langword="null"/>: the server.</param>
/// <param name="Load">How busy it says it is, 0 to 1.</param>
/// <param name="Draining">Whether it takes no new sessions.</param>
/// <param name="Live">Whether its lease runs.</param>
/// <param name="LastHeardAt">When it last reported.</param>
public sealed record Node(
    string NodeId,
    string OwnerId,
    string Region,
    string Model,
    int Capacity,
    int Used,
    Capabilities? Capabilities = null,
    string? SignalingUrl = null,
    string? PingUrl = null,
    double? Load = null,
    bool Draining = false,
    bool Live = false,
    DateTimeOffset? LastHeardAt = null);

/// <summary>Which nodes are listed.</summary>
public sealed record NodeListOptions : PageOptions
{
    /// <summary>One of <see cref="NodeStates"/>; <see langword="null"/>: all.</summary>
    public string? State { get; init; }

    /// <summary>Only those of this region.</summary>
    public string? Region { get; init; }
}

/// <summary>How a node is.</summary>
public static class NodeStates
{
    /// <summary>Its lease runs, and it takes new sessions.</summary>
    public const string Live = "live";

    /// <summary>Its lease runs, and it takes none.</summary>
    public const string Draining = "draining";

    /// <summary>Its lease has run out.</summary>
    public const string Lost = "lost";
}

/// <summary>What a node says of itself.</summary>
/// <param name="Region">Where it is; clients measure the latency to it.</param>
/// <param name="Model">What it streams.</param>
/// <param name="Capacity">Sessions it can stream at a time.</param>
/// <param name="Capabilities">What it can do besides.</param>
/// <param name="SignalingUrl">Its own signaling server; <see langword="null"/>: the built-in gateway.</param>
/// <param name="PingUrl">Where clients measure their latency to it; <see langword="null"/>: the server.</param>
/// <param name="Load">How busy it is, 0 to 1.</param>
public sealed record NodeRegistration(
    string Region,
    string Model,
    int Capacity,
    Capabilities? Capabilities = null,
    string? SignalingUrl = null,
    string? PingUrl = null,
    double? Load = null);

/// <summary>What the server answers to a heartbeat.</summary>
/// <param name="LeaseSeconds">How long the node counts as live without another.</param>
/// <param name="Drop">Sessions the node streams and should end.</param>
/// <param name="Expected">Every session that has a place on the node.</param>
public sealed record HeartbeatAnswer(int LeaseSeconds, IReadOnlyList<string> Drop, IReadOnlyList<string> Expected);

sealed record Lease(int LeaseSeconds);

sealed record Heartbeat(IReadOnlyCollection<string> Sessions, double? Load);

sealed record ConnectReport(string SessionToken, string ConnectionId);

sealed record DisconnectReport(string ConnectionId, string Reason);
