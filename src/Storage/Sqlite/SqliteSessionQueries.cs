using System.Data.Common;
using Dapper;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Sqlite;

/// <summary>There is one writer, so the numbers of the events are in the order of their commits.</summary>
sealed class SqliteSessionQueries(SqliteDatabase database) : SessionQueries(database)
{
    protected override async Task<Cursor> Now(DbConnection connection, CancellationToken cancellation) =>
        // What was counted, not what is there: the newest may have been deleted.
        new('e', await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT seq FROM sqlite_sequence WHERE name = 'session_events'", cancellationToken: cancellation)) ?? 0, "");

    protected override (string Sql, DynamicParameters Values) Following(Cursor after) =>
        ("e.id FROM session_events e WHERE e.id > @after ORDER BY e.id", new DynamicParameters(new { after = after.Number }));

    protected override Cursor Place(DbDataReader reader) => new('e', reader.GetInt64(reader.FieldCount - 1), "");
}
