using Dapper;
using SessionManager.Storage.Changes;

namespace SessionManager.Storage.Sqlite;

/// <summary>There is one writer, so the numbers of the events are in the order of their commits.</summary>
sealed class SqliteChangeFeed(IDatabase database) : ChangeFeed(database)
{
    /// <summary>What was counted, not what is there: the newest may have been deleted.</summary>
    protected override string NewestEvent => "COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'session_events'), 0)";

    protected override (string Sql, DynamicParameters Values) Following(Cursor after) =>
        ("e.id AS place FROM session_events e WHERE e.id > @after ORDER BY e.id", new DynamicParameters(new { after = after.Number }));

    protected override Cursor Place(long place, string sessionId, int seq) => new('e', place, "");
}
