using System.Data.Common;
using SessionManager.Sessions;

namespace SessionManager.Storage.Sessions;

/// <summary>How an event of a session lies in its columns.</summary>
static class EventColumns
{
    /// <summary>Of the table <c>session_events</c>, which is <c>e</c> in the query, as <see cref="Read"/> expects them.</summary>
    public const string List = "e.seq, e.streamed_ms, e.at, e.type, e.node_id, e.connection_id, e.detail";

    /// <param name="first">The column of the query that is the first of <see cref="List"/>.</param>
    public static SessionEvent Read(DbDataReader reader, int first) => new(
        reader.GetInt32(first),
        Instant.FromColumn(reader.GetInt64(first + 2)),
        reader.GetString(first + 3),
        reader.Text(first + 4),
        reader.Text(first + 5),
        reader.Text(first + 6),
        Streamed.FromColumn(reader.Number(first + 1)));
}
