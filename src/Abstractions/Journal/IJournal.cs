using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Journal;

/// <summary>
/// The append-only history in plain SQL tables. A projection: the session's own record is the truth, and writes here are
/// idempotent by (session id, seq), so writing again after a crash leaves neither a gap nor a double.
/// </summary>
public interface ISessionJournal
{
    /// <summary>Completes when the events, and the session as of them, are durable. Batches with whatever else is queued.</summary>
    Task Append(Session session, ImmutableArray<SessionEvent> events);
}

/// <summary>What the front end reads from the journal.</summary>
public interface IJournalReader
{
    /// <summary>Newest first.</summary>
    /// <param name="accountId">null: of every account.</param>
    /// <param name="cursor">From the page before; null for the first. A text that is none of ours throws.</param>
    /// <param name="limit">1 to 200.</param>
    /// <exception cref="FormatException">The cursor is not one of ours.</exception>
    Task<Page<Session>> Sessions(string? accountId, SessionState? state, string? cursor, int limit, CancellationToken cancellation);

    Task<ImmutableArray<SessionEvent>> Timeline(string sessionId, CancellationToken cancellation);

    /// <summary>Streamed seconds a day (UTC), oldest first, of sessions connected in [from, to).</summary>
    Task<ImmutableArray<DayUsage>> Usage(string accountId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);

    /// <summary>Ids of sessions dropped before <paramref name="before"/> whose record has not been purged yet.</summary>
    Task<ImmutableArray<string>> Purgeable(DateTimeOffset before, int limit, CancellationToken cancellation);
}

/// <summary>What retention tells the journal.</summary>
public interface IAuditJournal
{
    /// <summary>The session's record is gone; its history stays.</summary>
    Task Purged(string sessionId);
}

/// <param name="Cursor">null on the last page.</param>
public sealed record Page<T>(ImmutableArray<T> Data, string? Cursor);

public sealed record DayUsage(DateOnly Day, double Seconds, int Sessions);
