using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Nodes;

/// <summary>
/// One streaming node, by its id: the only owner of its places. It belongs to the account that registered it, until it is
/// deleted; for any other account every report is refused with <c>node_owned</c>, and with <c>node_not_found</c> where there is none.
/// </summary>
[Alias("SessionManager.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Registers the node, or changes what it said before, and renews its lease. A drain goes on.</summary>
    Task<Result<NodeLease>> Register(string ownerId, NodeRegistration registration);

    /// <summary>Renews the lease and compares what the node streams with what it should.</summary>
    /// <param name="load">As <see cref="NodeRegistration.Load"/>; null: as before.</param>
    Task<Result<HeartbeatReply>> Heartbeat(string ownerId, ImmutableArray<string> sessionIds, double? load);

    Task<Result<Session>> Connected(string ownerId, string sessionId, string connectionId);
    Task<Result<Session>> Disconnected(string ownerId, string sessionId, string connectionId, bool clean);

    /// <summary>No new sessions from here on, until the drain is lifted; those it has go on.</summary>
    /// <param name="ownerId">null for an administrator.</param>
    Task<Result<Node>> Drain(string? ownerId);

    /// <summary>Lifts a drain.</summary>
    /// <param name="ownerId">null for an administrator.</param>
    Task<Result<Node>> Undrain(string? ownerId);

    /// <summary>The node is gone, its sessions drop, and its id is anyone's to register. Idempotent.</summary>
    /// <param name="ownerId">null for an administrator.</param>
    Task<Result<Node>> Delete(string? ownerId);

    /// <summary>null where it is not registered.</summary>
    [ReadOnly]
    Task<Node?> Get();

    /// <summary>
    /// Promises the session a place until an instant; the session is then stored so, under the epoch answered. Repeated for the
    /// same session it moves that instant. null: full, draining, lost or not registered.
    /// </summary>
    /// <param name="version">Of the row that this is decided on; 0 for a mint.</param>
    /// <param name="until">null: until it is given back.</param>
    Task<PlacePromise?> Reserve(string sessionId, long version, DateTimeOffset? until);

    /// <summary>The promise is not used: what it was for was refused, or went elsewhere.</summary>
    Task GiveBack(string sessionId, PlacePromise promise);

    /// <summary>A session that has, or had, a place on the node was written.</summary>
    Task SessionChanged(SessionReport report);

    /// <summary>A write under this epoch was refused: an activation that still believes in it ends, and the next one takes its own.</summary>
    Task Fenced(long epoch);

    /// <summary>
    /// The sweep's question: notices a lease that has run out, ends what a lost node had, and forgets the node where nobody has
    /// heard of it for as long as <c>Nodes:ForgetSeconds</c>.
    /// </summary>
    Task Check();
}

/// <param name="Epoch">Of the node: the session's write names it.</param>
/// <param name="Ticket">Names this promise among those of its epoch.</param>
[GenerateSerializer, Immutable, Alias("place-promise")]
public sealed record PlacePromise([property: Id(0)] long Epoch, [property: Id(1)] long Ticket);

/// <summary>What a node says of itself (docs/write-a-node.md).</summary>
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
