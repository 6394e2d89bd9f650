using System.Collections.Immutable;
using System.Net;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>
/// One account, by its id: the only owner of its slots, its limits and its hours. Its slots are the rows of its live sessions;
/// there is no counter that could drift.
/// </summary>
[Alias("SessionManager.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>
    /// Every authenticated request passes here: does its key live, may it be used from there, is the account known, and within its
    /// rate? The rate is per account and, again, per key. Never writes. Refused with <c>invalid_key</c>, <c>address_not_allowed</c>,
    /// <c>unauthenticated</c> (no such account) or <c>RATE_LIMITED</c>; suspension and the key toggle are reported, for the caller to
    /// judge by the route.
    /// </summary>
    [AlwaysInterleave, ReadOnly]
    Task<Result<AccountAccess>> Enter(Entry entry);

    /// <summary>
    /// A key of the account was revoked, or ends sooner than it said: whoever enters after this has answered is judged by what
    /// the key says from then on.
    /// </summary>
    [AlwaysInterleave]
    Task ForgetKey(string keyId);

    /// <summary>
    /// Takes a slot and a place and stores the session, or none of them. Repeating it with the same
    /// <see cref="MintRequest.SessionId"/> answers for the same session. Refused with a usage error,
    /// <c>no_streamer_available</c>, <c>idempotency_mismatch</c>, <c>idempotency_in_flight</c> or <c>session_dropped</c> (a repeat,
    /// whose session has ended since).
    /// </summary>
    Task<Result<Minted>> Mint(MintRequest request);

    /// <summary>Opens the account. Idempotent: an open account keeps what it has.</summary>
    Task<Account> Open(AccountSettings settings);

    /// <summary>null where it was never opened.</summary>
    [ReadOnly]
    Task<Account?> Get();

    /// <summary>
    /// Changes what is given and answers when it holds everywhere. Suspension drops every live session first; taking the keys
    /// away, those that a key minted and nobody has connected to; a new limit moves the end of what streams.
    /// </summary>
    Task<Account?> Change(AccountChange change);

    /// <summary>null where it was never opened.</summary>
    [ReadOnly]
    Task<AccountUsage?> Usage();

    /// <summary>
    /// The key is revoked: it mints no more here, and what it minted and was never connected is dropped.
    /// </summary>
    /// <param name="connectedToo">Drop the connected sessions as well.</param>
    Task KeyRevoked(string keyId, bool connectedToo);

    /// <summary>
    /// Promises a live session its slot until another instant; the session then stores that, under the epoch answered. Refused
    /// with <c>session_expired</c> where it holds none any more, and with <c>session_dropped</c> where it is to be dropped.
    /// </summary>
    /// <param name="version">Of the row that the session decides on.</param>
    /// <param name="until">null: until it is dropped.</param>
    /// <param name="connectedAt">Of its first connect, or of the one this is for; null where it is for none.</param>
    Task<Result<SlotPromise>> Hold(string sessionId, long version, DateTimeOffset? until, DateTimeOffset? connectedAt);

    /// <summary>When the stream has lasted as long as it may, by the limits and hours of this moment; null: without limit.</summary>
    /// <param name="connectedAt">Of its first connect.</param>
    [ReadOnly]
    Task<DateTimeOffset?> StreamEnd(DateTimeOffset connectedAt);

    /// <summary>A session of the account was written.</summary>
    Task SessionChanged(SessionReport report);

    /// <summary>A write under this epoch was refused: an activation that still believes in it ends, and the next one takes its own.</summary>
    Task Fenced(long epoch);
}

/// <param name="Epoch">Of the account: the session's write names it.</param>
/// <param name="StreamEndsAt">As <see cref="IAccountGrain.StreamEnd"/>, for a connect.</param>
[GenerateSerializer, Immutable, Alias("slot-promise")]
public sealed record SlotPromise([property: Id(0)] long Epoch, [property: Id(1)] DateTimeOffset? StreamEndsAt);

/// <param name="Replayed">The session was minted by an earlier request with the same <c>Idempotency-Key</c>.</param>
[GenerateSerializer, Immutable, Alias("minted")]
public sealed record Minted([property: Id(0)] Session Session, [property: Id(1)] bool Replayed);

/// <summary>A request, for <see cref="IAccountGrain.Enter"/>.</summary>
[GenerateSerializer, Immutable, Alias("entry")]
public sealed record Entry
{
    /// <summary>The key behind it, also where its holder sent a token got for it; null for a login.</summary>
    [Id(0)] public string? KeyId { get; init; }

    /// <summary>SHA-256 of the whole key; null where a token got for the key was sent.</summary>
    [Id(1)] public ImmutableArray<byte>? KeyHash { get; init; }

    /// <summary>Where it came from, for keys that may not be used from everywhere.</summary>
    [Id(2)] public IPAddress? From { get; init; }

    /// <summary>Whether it counts against the rate; a node's reports do not.</summary>
    [Id(3)] public bool Metered { get; init; }
}

/// <summary>What <see cref="IAccountGrain.Enter"/> tells of the account.</summary>
[GenerateSerializer, Immutable, Alias("account-access")]
public sealed record AccountAccess
{
    [Id(0)] public required string AccountId { get; init; }
    [Id(1)] public bool IsAdmin { get; init; }
    [Id(2)] public bool KeysEnabled { get; init; }
    [Id(3)] public bool Suspended { get; init; }
    [Id(4)] public string? SuspendedReason { get; init; }

    /// <summary>Logins of an earlier epoch are void (the password was changed).</summary>
    [Id(5)] public int LoginEpoch { get; init; }
    [Id(6)] public required RateState Rate { get; init; }

    /// <summary>The key behind the request; null for a login.</summary>
    [Id(7)] public KeyPrincipal? Key { get; init; }
}

/// <summary>The tighter of the account's and the key's rate, as the <c>RateLimit</c> headers tell it.</summary>
[GenerateSerializer, Immutable, Alias("rate-state")]
public sealed record RateState([property: Id(0)] int Limit, [property: Id(1)] int Remaining, [property: Id(2)] int ResetSeconds);

/// <summary>A request for a session.</summary>
[GenerateSerializer, Immutable, Alias("mint-request")]
public sealed record MintRequest
{
    /// <summary>A fresh random id, the same when the request is repeated because its answer was lost.</summary>
    [Id(0)] public required string SessionId { get; init; }
    [Id(1)] public string? KeyId { get; init; }
    [Id(2)] public ImmutableDictionary<string, double> RegionLatencies { get; init; } = ImmutableDictionary<string, double>.Empty;
    [Id(3)] public bool NeedsImageToVideo { get; init; }
    [Id(4)] public bool WithToken { get; init; }

    /// <summary>Of an idempotent mint: the request body's digest.</summary>
    [Id(5)] public string? BodyDigest { get; init; }

    /// <summary>The node on which the queue has kept a place for this session id; null: choose one.</summary>
    [Id(6)] public string? ReservedNodeId { get; init; }

    /// <summary>The caller's <c>Idempotency-Key</c>, 1 to 255 characters.</summary>
    [Id(7)] public string? IdempotencyKey { get; init; }
}

/// <summary>What an account is opened with; null means the configured default.</summary>
[GenerateSerializer, Immutable, Alias("account-settings")]
public sealed record AccountSettings
{
    [Id(0)] public bool IsAdmin { get; init; }
    [Id(1)] public bool KeysEnabled { get; init; }
    [Id(2)] public int? MaxConcurrent { get; init; }
    [Id(3)] public double? MonthlyHours { get; init; }
    [Id(4)] public int? MaxStreamSeconds { get; init; }
}

/// <summary>A change of an account: what is null stays as it is.</summary>
[GenerateSerializer, Immutable, Alias("account-change")]
public sealed record AccountChange
{
    [Id(0)] public bool? KeysEnabled { get; init; }
    [Id(1)] public int? MaxConcurrent { get; init; }

    /// <summary>A negative number takes the limit away.</summary>
    [Id(2)] public double? MonthlyHours { get; init; }

    /// <summary>A negative number takes the limit away.</summary>
    [Id(3)] public int? MaxStreamSeconds { get; init; }
    [Id(4)] public bool? Suspended { get; init; }
    [Id(5)] public string? Reason { get; init; }
    [Id(6)] public bool? IsAdmin { get; init; }

    /// <summary>Voids every login made so far.</summary>
    [Id(7)] public bool EndLogins { get; init; }
}

/// <summary>An account as an administrator sees it.</summary>
[GenerateSerializer, Immutable, Alias("account")]
public sealed record Account
{
    [Id(0)] public required string AccountId { get; init; }
    [Id(1)] public bool IsAdmin { get; init; }
    [Id(2)] public bool KeysEnabled { get; init; }
    [Id(3)] public bool Suspended { get; init; }
    [Id(4)] public string? SuspendedReason { get; init; }
    [Id(5)] public required int MaxConcurrent { get; init; }
    [Id(6)] public double? MonthlyHours { get; init; }
    [Id(7)] public int? MaxStreamSeconds { get; init; }
    [Id(8)] public required int ActiveCount { get; init; }
    [Id(9)] public required DateTimeOffset OpenedAt { get; init; }
    [Id(10)] public int LoginEpoch { get; init; }
}

/// <summary>What the account may use of this month (UTC), and its slots at this moment.</summary>
[GenerateSerializer, Immutable, Alias("account-usage")]
public sealed record AccountUsage
{
    [Id(0)] public required DateTimeOffset PeriodStart { get; init; }
    [Id(1)] public required DateTimeOffset ResetDate { get; init; }
    [Id(2)] public double? LimitHours { get; init; }
    [Id(3)] public required int ActiveCount { get; init; }
    [Id(4)] public required int Limit { get; init; }
}
