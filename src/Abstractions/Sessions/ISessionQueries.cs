using System.Collections.Immutable;
using SessionManager.Lists;

namespace SessionManager.Sessions;

/// <summary>
/// In which order a list of sessions is. Each has an index: an order by what changes with every report, as the last activity, would
/// have every write of a session write one more.
/// </summary>
public enum SessionOrder
{
    /// <summary>By when they were minted.</summary>
    NewestFirst,

    /// <summary>By when they were minted.</summary>
    OldestFirst,

    /// <summary>By when they were dropped; those that are not are left out.</summary>
    LastDroppedFirst,
}

/// <summary>Which sessions a list shows, and how; what is null is not asked for.</summary>
/// <param name="NotDroppedBefore">Leaves out those dropped before it: they can be read no more.</param>
/// <param name="Since">The first instant shown, of the time that they are ordered by.</param>
/// <param name="Until">The first instant not shown any more.</param>
public sealed record SessionFilter(
    string? AccountId = null,
    SessionState? State = null,
    string? NodeId = null,
    string? Region = null,
    DropReason? Reason = null,
    DateTimeOffset? NotDroppedBefore = null,
    SessionOrder Order = SessionOrder.NewestFirst,
    DateTimeOffset? Since = null,
    DateTimeOffset? Until = null);

/// <summary>What an account streamed, as of one instant.</summary>
/// <param name="Days">Of connections that have ended: a day (UTC) each, oldest first, only those with any.</param>
/// <param name="RunningSince">When each connection that is still running began.</param>
public sealed record AccountStreams(ImmutableArray<UsageEntry> Days, ImmutableArray<DateTimeOffset> RunningSince);

/// <summary>How many sessions there are, and what became of them lately. Sessions past their retention are not counted any more.</summary>
/// <param name="Live">Now, of the states that have any.</param>
/// <param name="Minutes">Oldest first, only minutes in which something happened.</param>
/// <param name="Drops">Of the whole time asked for, the most frequent first.</param>
public sealed record SessionFigures(
    ImmutableArray<StateCount> Live, ImmutableArray<MinuteFigures> Minutes, ImmutableArray<ReasonCount> Drops);

public sealed record StateCount(SessionState State, int Count);

/// <param name="Minute">Its beginning (UTC).</param>
/// <param name="Connected">Sessions that connected for the first time.</param>
public sealed record MinuteFigures(DateTimeOffset Minute, int Minted, int Connected, int Dropped);

public sealed record ReasonCount(DropReason Reason, int Count);

/// <summary>What the front end reads of sessions. Acknowledged writes are visible at once.</summary>
public interface ISessionQueries
{
    /// <param name="cursor">From the page before, in the same order; null for the first.</param>
    /// <param name="limit">1 to 200.</param>
    /// <exception cref="FormatException">The cursor is not one of this order.</exception>
    Task<Page<SessionRow>> List(SessionFilter filter, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>One session with its whole timeline, both as of the same instant; null where there is none.</summary>
    Task<(SessionRow Row, ImmutableArray<SessionEvent> Events)?> Detail(string sessionId, CancellationToken cancellation);

    /// <summary>What the account streamed on the days in [from, to), and what it is streaming now, both as of the same instant.</summary>
    Task<AccountStreams> Usage(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation);

    /// <summary>For an overview of the whole service.</summary>
    /// <param name="since">From when on events are counted; the minute it lies in is counted from there.</param>
    Task<SessionFigures> Figures(DateTimeOffset since, CancellationToken cancellation);
}
