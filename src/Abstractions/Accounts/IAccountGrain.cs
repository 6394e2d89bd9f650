using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>
/// One account, by its id: the only owner of its concurrency slots, its limits and its hours. Slots are counted from leases
/// that expire by themselves; there is no counter that could drift.
/// </summary>
[Alias("SessionManager.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>
    /// Every authenticated request passes here: is the account known, and within its rate? The rate is per account and, again,
    /// per key. Never writes. Refused with <c>unauthenticated</c> (no such account) or <c>RATE_LIMITED</c>; suspension and the
    /// key toggle are reported, for the caller to judge by the route.
    /// </summary>
    /// <param name="keyId">The key behind the request; null for a login.</param>
    /// <param name="metered">Whether it counts against the rate; a node's reports do not.</param>
    [AlwaysInterleave]
    Task<Result<AccountAccess>> Enter(string? keyId, bool metered);

    /// <summary>
    /// Takes a slot and a place and writes the session, or none of them. Refused with a usage error,
    /// <c>no_streamer_available</c>, <c>idempotency_mismatch</c> or <c>idempotency_in_flight</c>.
    /// </summary>
    Task<Result<Session>> Mint(MintRequest request);

    /// <summary>Opens the account. Idempotent: an open account keeps what it has.</summary>
    Task<Account> Open(AccountSettings settings);

    /// <summary>null where it was never opened.</summary>
    Task<Account?> Get();

    /// <summary>
    /// Changes what is given and answers when it holds everywhere. Suspension drops every live session first; taking the keys
    /// away, those that a key minted and nobody has connected to.
    /// </summary>
    Task<Account?> Change(AccountChange change);

    Task<AccountUsage?> Usage();

    /// <summary>
    /// The key is revoked: it mints no more here, and what it minted and was never connected is dropped.
    /// </summary>
    /// <param name="connectedToo">Drop the connected sessions as well.</param>
    Task KeyRevoked(string keyId, bool connectedToo);

    /// <summary>
    /// The session's token was issued: its slot now lasts until <paramref name="slotUntil"/>. False: the slot has lapsed.
    /// </summary>
    Task<bool> Extend(string sessionId, DateTimeOffset slotUntil);

    /// <summary>
    /// The session is about to be connected: its slot lasts until it is given back. Returns how long it may stream, or refuses
    /// with <c>session_expired</c> where the slot has lapsed.
    /// </summary>
    Task<Result<StreamAllowance>> Hold(string sessionId);

    /// <summary>Whether the session has a lease here: one that was never answered for and has none is nobody's.</summary>
    Task<bool> Knows(string sessionId);

    /// <summary>The session's slot is free again. Idempotent.</summary>
    /// <param name="streamedSeconds">What it streamed in all; counted once.</param>
    /// <param name="settled">The session needs nothing any more; otherwise the sweep goes on asking it.</param>
    /// <returns>Whether the account knew of the session.</returns>
    Task<bool> Release(string sessionId, double streamedSeconds, DateTimeOffset at, bool settled);
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
}

/// <summary>The tighter of the account's and the key's rate, as the <c>RateLimit</c> headers tell it.</summary>
[GenerateSerializer, Immutable, Alias("rate-state")]
public sealed record RateState([property: Id(0)] int Limit, [property: Id(1)] int Remaining, [property: Id(2)] int ResetSeconds);

/// <summary>A request for a session.</summary>
[GenerateSerializer, Immutable, Alias("mint-request")]
public sealed record MintRequest
{
    /// <summary>A fresh random id. With an <see cref="IdempotencyKey"/> the account derives the id from that instead.</summary>
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

/// <summary>The account's use of this month (UTC) and of this moment.</summary>
[GenerateSerializer, Immutable, Alias("account-usage")]
public sealed record AccountUsage
{
    [Id(0)] public required DateTimeOffset PeriodStart { get; init; }
    [Id(1)] public required DateTimeOffset ResetDate { get; init; }
    [Id(2)] public required double UsedHours { get; init; }
    [Id(3)] public double? LimitHours { get; init; }
    [Id(4)] public required int ActiveCount { get; init; }
    [Id(5)] public required int Limit { get; init; }
}

/// <summary>How long a stream may last, in seconds from its first connect; null: without limit.</summary>
[GenerateSerializer, Immutable, Alias("stream-allowance")]
public sealed record StreamAllowance([property: Id(0)] int? MaxStreamSeconds);
