using System.Collections.Immutable;
using SessionManager.Audit;
using SessionManager.Sessions;

namespace SessionManager.Changes;

/// <summary>Where a follower stands.</summary>
/// <param name="Events">Behind this event of a session.</param>
/// <param name="Audit">Behind this entry of the audit; null: the audit is not followed.</param>
public sealed record ChangePosition(string Events, string? Audit);

/// <summary>An event with the session and account it belongs to, for those who follow all of them.</summary>
/// <param name="Cursor">Where to go on after this event.</param>
public sealed record FollowedEvent(string Cursor, string SessionId, string AccountId, SessionEvent Event);

/// <summary>What has come, each part oldest first.</summary>
/// <param name="Next">Where to go on; a position whose events were deleted goes on at the oldest that is left.</param>
public sealed record ChangeBatch(ImmutableArray<FollowedEvent> Events, ImmutableArray<AuditEntry> Entries, ChangePosition Next);

/// <summary>
/// What happens to sessions, and what is written into the audit, for those who follow all of it: none missed and
/// none twice. One call is one statement.
/// </summary>
public interface IChangeFeed
{
    /// <summary>Behind all that is committed now; of what was committed in the last moment some may still follow.</summary>
    Task<ChangePosition> Now(CancellationToken cancellation);

    /// <summary>What was committed after <paramref name="position"/>.</summary>
    /// <param name="limit">From 1; how much of each part comes at most.</param>
    /// <exception cref="FormatException">The position is not one of ours.</exception>
    Task<ChangeBatch> After(ChangePosition position, int limit, CancellationToken cancellation);
}
