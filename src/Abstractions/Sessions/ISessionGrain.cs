using Orleans;
using SessionManager.Errors;

namespace SessionManager.Sessions;

/// <summary>
/// One session, by its id: the only writer of its row after the mint. Nothing is asked of it that a reading of the row can
/// answer. Every command is idempotent.
/// </summary>
[Alias("SessionManager.ISessionGrain")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>
    /// Starts the token's life at the first call; a repeat answers with the same expiry. Refused with
    /// <c>session_not_found</c> (unknown, another's, dropped) or <c>session_expired</c>.
    /// </summary>
    Task<Result<Session>> IssueToken(string accountId);

    /// <summary>Ends the session. Refused only with <c>session_not_found</c>.</summary>
    /// <param name="accountId">null for an administrator, and for the system itself.</param>
    Task<Result<Session>> Drop(string? accountId, DropReason reason);

    /// <summary>
    /// A client holding this session's token has connected. The same connection twice is one connect. Refused
    /// with <c>session_not_found</c> (the session is not on that node), <c>session_dropped</c>, <c>session_expired</c>,
    /// <c>already_connected</c>, <c>connection_ended</c> or <c>no_streamer_available</c>.
    /// </summary>
    /// <param name="nodeId">The node that says so; null: the gateway, which leads to whichever node the session is on.</param>
    Task<Result<Session>> Connected(string? nodeId, string connectionId);

    /// <summary>A connection has ended. A stale <paramref name="connectionId"/> changes nothing.</summary>
    /// <param name="clean">The client left; otherwise it went silent and may come back while its token lives.</param>
    Task<Result<Session>> Disconnected(string nodeId, string connectionId, bool clean);

    /// <summary>
    /// The session is broadcast under this id, unless it has another already: the answer says under which. Refused with
    /// <c>session_not_found</c> (the session is not on that node), <c>session_dropped</c> or <c>session_not_connected</c>.
    /// </summary>
    /// <param name="over">The broadcast it had before, which has ended; null: none.</param>
    Task<Result<Session>> Broadcast(string nodeId, string broadcastId, string? over);

    /// <summary>The node no longer streams it although no disconnect was heard: as if its connection were lost.</summary>
    Task ReportMissing(string nodeId);

    /// <summary>
    /// The node is gone. A connected session drops as <c>node_lost</c>; one not yet connected moves to another node with room that
    /// the address its client holds leads to, and drops where there is none.
    /// </summary>
    /// <param name="deleted">Drops it in any case.</param>
    Task NodeLost(string nodeId, bool deleted);

    /// <summary>Asks the account anew how long the stream may last, and ends it where that is over.</summary>
    Task LimitsChanged();

    /// <summary>Keeps the deadlines that have passed, and from here on its own timer. Nothing where there is no such session.</summary>
    Task Wake();
}
