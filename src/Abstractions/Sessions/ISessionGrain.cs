using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Errors;

namespace SessionManager.Sessions;

/// <summary>
/// One session, by its id. It is the record of the mint and the only judge of its own life; the account owns the slot and the
/// node the place, and both ask <see cref="Check"/> before they believe a hold is still needed.
/// </summary>
[Alias("SessionManager.ISessionGrain")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>The session as <paramref name="accountId"/> may read it: null where there is none, or it is another's.</summary>
    /// <param name="accountId">null for an administrator, who may read any.</param>
    Task<SessionDetail?> Get(string? accountId);

    /// <summary>
    /// Starts the token's life at the first call; a repeat answers with the same expiry. Refused with
    /// <c>session_not_found</c> (unknown, another's, dropped) or <c>session_expired</c>.
    /// </summary>
    Task<Result<Session>> IssueToken(string accountId);

    /// <summary>Ends the session. Idempotent; refused only with <c>session_not_found</c>.</summary>
    /// <param name="accountId">null for an administrator.</param>
    Task<Result<Session>> Drop(string? accountId, DropReason reason);

    /// <summary>The account's half of a mint: writes the record. Repeating it with another node moves the unanswered mint.</summary>
    Task<Session> Create(SessionGrant grant);

    /// <summary>The first answer of an idempotent mint, or null where this id was never minted.</summary>
    /// <param name="mintFollows">Whether it is minted now where it was not yet; if not, nothing of it stays in memory.</param>
    Task<MintReplay?> Replay(bool mintFollows);

    /// <summary>The mint is answered for: once this has returned, its events are on their way to the journal.</summary>
    Task Confirm();

    /// <summary>
    /// That attempt to mint failed: forgets its record. False: there is another's under this id, and nothing of it is to be
    /// taken back.
    /// </summary>
    Task<bool> Cancel(long attempt);

    /// <summary>
    /// Keeps every deadline that has passed, finishes what a crash cut off, and says what the session still needs. This is
    /// the account's sweep: the way on which each session ends even when no timer lived to end it.
    /// </summary>
    /// <param name="streaming">The account has it as connected.</param>
    /// <returns>null once it is dropped, its place given back and its timeline journaled: the account may forget it.</returns>
    Task<SessionHold?> Check(bool streaming);

    /// <summary>A node says that a client holding this session's token has connected. <see cref="Nodes.INodeGrain"/> calls it.</summary>
    Task<Result<Session>> Connected(string nodeId, string connectionId);

    /// <summary>A connection has ended. A stale <paramref name="connectionId"/> changes nothing.</summary>
    Task<Result<Session>> Disconnected(string nodeId, string connectionId, bool clean);

    /// <summary>The node no longer streams it although no disconnect was heard: as if its connection were lost.</summary>
    /// <returns>False where it needs no place on this node: it is elsewhere, or over.</returns>
    Task<bool> Vanished(string nodeId);

    /// <summary>
    /// Whether the session needs its place on the node: what a node asks of a place it has not seen used. null: its mint is not
    /// known to have been answered, and may yet be taken back. A session without a lease, which nobody was told of, is deleted.
    /// </summary>
    Task<bool?> Occupies(string nodeId);

    /// <summary>The node is gone: a connected session drops, one not yet connected moves to another node.</summary>
    /// <param name="drop">Drop it even if not connected: the node was deleted.</param>
    Task NodeLost(string nodeId, bool drop);

    /// <summary>Deletes the record of a session dropped longer ago than it may be read. False: not yet.</summary>
    Task<bool> Purge();
}

/// <summary>What the account gives a new session.</summary>
[GenerateSerializer, Immutable, Alias("session-grant")]
public sealed record SessionGrant
{
    [Id(0)] public required string AccountId { get; init; }

    /// <summary>The key that minted it; null for a login.</summary>
    [Id(1)] public string? KeyId { get; init; }
    [Id(2)] public required string NodeId { get; init; }
    [Id(3)] public required string Region { get; init; }
    [Id(4)] public required string Model { get; init; }
    [Id(5)] public Capabilities? Capabilities { get; init; }
    [Id(6)] public string? NodeSignalingUrl { get; init; }
    [Id(7)] public bool NeedsImageToVideo { get; init; }
    [Id(8)] public ImmutableDictionary<string, double> RegionLatencies { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Whether the token's life starts with the mint (<c>POST /credentials</c>).</summary>
    [Id(9)] public bool WithToken { get; init; }

    /// <summary>The instant of the mint, the same in the account's lease, the node's place and the session's record.</summary>
    [Id(10)] public required DateTimeOffset At { get; init; }

    /// <summary>Of an idempotent mint: the request body's digest.</summary>
    [Id(11)] public string? BodyDigest { get; init; }

    /// <summary>Random: two activations of an account may mint under one id at the same instant.</summary>
    [Id(12)] public required long Attempt { get; init; }
}

/// <summary>The first answer of an idempotent mint.</summary>
/// <param name="Confirmed">False: the record may be what a crash left of a mint that was never answered.</param>
/// <param name="Placed">False: it needs a place on a node and has none.</param>
/// <param name="Attempt">The <see cref="SessionGrant.Attempt"/> that it came of.</param>
[GenerateSerializer, Immutable, Alias("mint-replay")]
public sealed record MintReplay(
    [property: Id(0)] Session Session,
    [property: Id(1)] string? BodyDigest,
    [property: Id(2)] bool Confirmed,
    [property: Id(3)] bool Placed,
    [property: Id(4)] long Attempt);

/// <summary>What a live session holds and when it must be looked at again.</summary>
/// <param name="SlotUntil">Until when it holds its slot; null: until it gives it back (it is connected).</param>
/// <param name="CheckAt">When <see cref="ISessionGrain.Check"/> is due next; null: at every sweep.</param>
[GenerateSerializer, Immutable, Alias("session-hold")]
public sealed record SessionHold([property: Id(0)] DateTimeOffset? SlotUntil, [property: Id(1)] DateTimeOffset? CheckAt);
