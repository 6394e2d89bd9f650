using System.Collections.Immutable;
using Orleans;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Nodes;

/// <summary>
/// One streaming node, by its id: the only owner of its places. It belongs to the account that first registered it; to any
/// other, its reports are refused with <c>node_owned</c> (registering) or <c>node_not_found</c> (all else).
/// </summary>
[Alias("SessionManager.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Registers the node, or changes what it said before, and renews its lease. Ends a drain.</summary>
    Task<Result<NodeLease>> Register(string ownerId, NodeRegistration registration);

    /// <summary>Renews the lease and compares what the node streams with what it should.</summary>
    Task<Result<HeartbeatReply>> Heartbeat(string ownerId, ImmutableArray<string> sessionIds);

    Task<Result<Session>> Connected(string ownerId, string sessionId, string connectionId);
    Task<Result<Session>> Disconnected(string ownerId, string sessionId, string connectionId, bool clean);

    /// <summary>No new sessions from here on; those it has go on.</summary>
    Task<Result<Node>> Drain(string ownerId);

    /// <summary>The node is gone and its sessions drop. Idempotent.</summary>
    Task<Result<Node>> Delete(string ownerId);

    /// <summary>null where it is not registered.</summary>
    Task<Node?> Get();

    /// <summary>
    /// Takes a place for the session until <paramref name="until"/>; repeated for the same session it moves that instant.
    /// False: full, draining, lost or not registered.
    /// </summary>
    Task<bool> Reserve(string sessionId, DateTimeOffset until);

    /// <summary>The session's place lasts until it is given back. False: the session has none here, and none is free.</summary>
    Task<bool> Hold(string sessionId);

    /// <summary>Gives the session's place back. Idempotent.</summary>
    Task Release(string sessionId);
}

/// <summary>What a node says of itself (WIRE, "Streaming nodes").</summary>
[GenerateSerializer, Immutable, Alias("node-registration")]
public sealed record NodeRegistration
{
    [Id(0)] public required string Region { get; init; }
    [Id(1)] public required string Model { get; init; }
    [Id(2)] public required int Capacity { get; init; }
    [Id(3)] public Capabilities? Capabilities { get; init; }
    [Id(4)] public string? SignalingUrl { get; init; }
    [Id(5)] public string? PingUrl { get; init; }

    /// <summary>How busy the node says it is, 0 to 1; only breaks ties between nodes.</summary>
    [Id(6)] public double? Load { get; init; }
}

[GenerateSerializer, Immutable, Alias("node-lease")]
public sealed record NodeLease([property: Id(0)] int LeaseSeconds);

/// <param name="Drop">Sessions the node streams and should end.</param>
/// <param name="Expected">Every session that has a place on the node, connected or yet to connect.</param>
[GenerateSerializer, Immutable, Alias("heartbeat-reply")]
public sealed record HeartbeatReply(
    [property: Id(0)] int LeaseSeconds,
    [property: Id(1)] ImmutableArray<string> Drop,
    [property: Id(2)] ImmutableArray<string> Expected);

/// <summary>A node as its readers and the directory see it; serialized in snake_case it is the wire's own form.</summary>
[GenerateSerializer, Immutable, Alias("node")]
public sealed record Node
{
    [Id(0)] public required string NodeId { get; init; }
    [Id(1)] public required string OwnerId { get; init; }
    [Id(2)] public required string Region { get; init; }
    [Id(3)] public required string Model { get; init; }
    [Id(4)] public required int Capacity { get; init; }

    /// <summary>Places taken, at the time the node last told the directory: a hint to all but the node itself.</summary>
    [Id(5)] public required int Used { get; init; }
    [Id(6)] public Capabilities? Capabilities { get; init; }
    [Id(7)] public string? SignalingUrl { get; init; }
    [Id(8)] public string? PingUrl { get; init; }
    [Id(9)] public double? Load { get; init; }
    [Id(10)] public bool Draining { get; init; }

    /// <summary>Whether its lease runs.</summary>
    [Id(11)] public bool Live { get; init; }
    [Id(12)] public DateTimeOffset? LastHeardAt { get; init; }
}
