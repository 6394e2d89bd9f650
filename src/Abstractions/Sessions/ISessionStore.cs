using System.Collections.Immutable;

namespace SessionManager.Sessions;

/// <summary>What is owned by one grain activation at a time.</summary>
public enum OwnerKind
{
    /// <summary>The slots of an account.</summary>
    Account = 1,

    /// <summary>The places of a node.</summary>
    Node = 2,
}

/// <summary>Under which epoch of which owner something was decided. Storage refuses the write, whole, where it has moved on.</summary>
public readonly record struct Fence(OwnerKind Kind, string Id, long Epoch);

/// <summary>An owner's epoch, and what each of its sessions holds that is not dropped.</summary>
public sealed record Ownership(Fence Fence, ImmutableArray<SessionReport> Live);

/// <summary>How a write came out. An exception means that this is not known: read again before deciding again.</summary>
public enum WriteOutcome
{
    /// <summary>It is durable, with its events and usage.</summary>
    Written,

    /// <summary>An owner named has moved on (<see cref="WriteResult.FencedBy"/>). Nothing was written.</summary>
    Fenced,

    /// <summary>
    /// Insert: the account's idempotency key, or the session id, is on another row (<see cref="WriteResult.Existing"/>).
    /// Update: the row is of another version, or gone; <see cref="WriteResult.Existing"/> is as it stands, null where there is none.
    /// Nothing was written.
    /// </summary>
    Conflict,
}

public readonly record struct WriteResult(WriteOutcome Outcome, OwnerKind? FencedBy = null, SessionRow? Existing = null);

/// <summary>
/// Where sessions are stored: one row a session, with its events and its usage written in the same transaction (docs/decisions, 2).
/// Writes that come while a commit is under way go together in the next one; each hears its own outcome.
/// </summary>
public interface ISessionStore
{
    /// <summary>
    /// Takes the next epoch of an owner and then reads its live rows, in one transaction: no write under an older epoch is missed,
    /// and none can follow.
    /// </summary>
    Task<Ownership> TakeOwnership(OwnerKind kind, string id, CancellationToken cancellation = default);

    /// <summary>
    /// The owner's epoch, and then its live rows, each at some instant after the call began; takes nothing. The epoch is 0 where
    /// nobody has taken one.
    /// </summary>
    Task<Ownership> Look(OwnerKind kind, string id, CancellationToken cancellation = default);

    /// <summary>Stores a new session, if both owners are still who decided it.</summary>
    /// <param name="change">Of version 1, and without usage.</param>
    Task<WriteResult> Insert(SessionChange change, Fence account, Fence node);

    /// <summary>Stores a session's next version, if the row is of the one before and every owner named is still the same.</summary>
    /// <remarks>Every column is written, the idempotency key too.</remarks>
    /// <param name="fences">The owners whose slot or place it takes or holds; none for what only gives back.</param>
    Task<WriteResult> Update(SessionChange change, ImmutableArray<Fence> fences);

    /// <summary>Any session's row, dropped ones too until they are deleted; null where there is none.</summary>
    Task<SessionRow?> Find(string sessionId, CancellationToken cancellation = default);

    /// <summary>The row that the account minted with this key within the last 24 hours; null where there is none.</summary>
    Task<SessionRow?> FindByIdempotencyKey(string accountId, string idempotencyKey, DateTimeOffset now, CancellationToken cancellation = default);

    /// <summary>What the account streamed on the days in [from, to), in milliseconds; running connections not counted.</summary>
    Task<long> StreamedMilliseconds(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation = default);

    /// <summary>Ids of live sessions whose deadline lies before <paramref name="before"/>, the longest overdue first.</summary>
    /// <param name="limit">1 to 10,000.</param>
    Task<ImmutableArray<string>> Overdue(DateTimeOffset before, int limit, CancellationToken cancellation = default);

    /// <summary>Ids of nodes that live sessions are on.</summary>
    Task<ImmutableArray<string>> NodesInUse(CancellationToken cancellation = default);

    /// <summary>
    /// Deletes rows dropped before <paramref name="droppedBefore"/> with their events and broadcasts (usage stays), and takes
    /// idempotency keys off rows created before <paramref name="keysBefore"/>, which makes a new version of them: who holds the old one
    /// must not write the key back. A dropped row stays as long as its key does, or a repeated mint would make a second session. At
    /// most <paramref name="limit"/> of each. Returns how many rows it changed.
    /// </summary>
    Task<int> Clean(DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit, CancellationToken cancellation = default);
}
