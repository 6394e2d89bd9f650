using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using SessionManager.Sessions;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Sqlite;

/// <summary>
/// Sessions in a SQLite file. All writes go through one writer, one after the other within its transaction: an epoch that was
/// read there cannot move before the row that it guards is written.
/// </summary>
sealed class SqliteSessionStore(SqliteDatabase database) : SqlSessionStore(database)
{
    const int PrimaryKeyViolated = 1555;
    const int UniqueViolated = 2067;

    static readonly string InsertRow =
        $"INSERT INTO sessions ({SessionColumns.List}) VALUES ({string.Join(", ", SessionColumns.All.Select(column => $"@{column.Name}"))})";

    static readonly string UpdateRow =
        $"""
        UPDATE sessions SET {string.Join(", ", SessionColumns.Updated.Select(column => $"{column.Name} = @{column.Name}"))}
        WHERE session_id = @session_id AND version = @version - 1
        """;

    static readonly string FindRow = $"SELECT {SessionColumns.List} FROM sessions WHERE session_id = @session_id";

    static readonly string FindKey =
        $"SELECT {SessionColumns.List} FROM sessions WHERE account_id = @account_id AND idempotency_key = @idempotency_key";

    const string InsertEvent =
        """
        INSERT INTO session_events (session_id, seq, account_id, at, type, node_id, connection_id, detail, streamed_ms)
        VALUES (@session_id, @seq, @account_id, @at, @type, @node_id, @connection_id, @detail, @streamed_ms)
        """;

    const string AddUsage =
        """
        INSERT INTO usage (account_id, day, milliseconds, sessions) VALUES (@account_id, @day, @milliseconds, @sessions)
        ON CONFLICT (account_id, day) DO UPDATE SET milliseconds = milliseconds + excluded.milliseconds, sessions = sessions + excluded.sessions
        """;

    const string PastRetention =
        """
        SELECT session_id FROM sessions
        WHERE dropped_at < @before AND (idempotency_key IS NULL OR created_at < @keysBefore) ORDER BY dropped_at LIMIT @limit
        """;

    public override Task<Ownership> TakeOwnership(OwnerKind kind, string id, CancellationToken cancellation = default) =>
        database.Writer.Execute(statements =>
        {
            var epoch = statements.Number(
                "INSERT INTO owners VALUES (@kind, @id, 1) ON CONFLICT (kind, id) DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
                ("kind", (int)kind), ("id", id))!.Value;
            using var reader = statements.Read(LiveRows(kind), ("id", id));
            var live = ImmutableArray.CreateBuilder<SessionReport>();
            var row = new HeldRow();
            while (reader.Read())
                live.Add(row.Read(reader));
            return new Ownership(new Fence(kind, id, epoch), live.DrainToImmutable());
        }).WaitAsync(cancellation);

    protected override Task<WriteResult> InsertNew(SessionChange change, Fence account, Fence node) =>
        database.Writer.Execute(statements =>
        {
            if (FirstMoved(statements, [account, node]) is { } moved)
                return new WriteResult(WriteOutcome.Fenced, moved.Kind);
            if (TryInsert(statements, change.Row) is { } existing)
                return new WriteResult(WriteOutcome.Conflict, Existing: existing);
            WriteEvents(statements, change);
            return new WriteResult(WriteOutcome.Written);
        });

    public override Task<WriteResult> Update(SessionChange change, ImmutableArray<Fence> fences) =>
        database.Writer.Execute(statements =>
        {
            if (FirstMoved(statements, fences.AsSpan()) is { } moved)
                return new WriteResult(WriteOutcome.Fenced, moved.Kind);
            if (statements.Execute(UpdateRow, Values(change.Row)) == 0)
                return new WriteResult(WriteOutcome.Conflict, Existing: First(statements, FindRow, ("session_id", change.Row.SessionId)));
            WriteEvents(statements, change);
            foreach (var entry in change.Usage)
                statements.Execute(AddUsage, ("account_id", change.Row.AccountId), ("day", Day.ToColumn(entry.Day)),
                    ("milliseconds", entry.Milliseconds), ("sessions", entry.Sessions));
            return new WriteResult(WriteOutcome.Written);
        });

    public override Task<int> Clean(
        DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit, CancellationToken cancellation = default) =>
        database.Writer.Execute(statements =>
        {
            (string, object?)[] past = [("before", Instant.ToColumn(droppedBefore)), ("keysBefore", Instant.ToColumn(keysBefore)), ("limit", limit)];
            statements.Execute($"DELETE FROM session_events WHERE session_id IN ({PastRetention})", past);
            statements.Execute($"DELETE FROM broadcasts WHERE session_id IN ({PastRetention})", past);
            return statements.Execute($"DELETE FROM sessions WHERE session_id IN ({PastRetention})", past)
                + statements.Execute(
                    """
                    UPDATE sessions SET idempotency_key = NULL, body_digest = NULL, version = version + 1 WHERE session_id IN (
                        SELECT session_id FROM sessions WHERE idempotency_key IS NOT NULL AND created_at < @before ORDER BY created_at LIMIT @limit)
                    """, ("before", Instant.ToColumn(keysBefore)), ("limit", limit));
        }).WaitAsync(cancellation);

    /// <summary>null where every owner named still has the epoch named.</summary>
    static Fence? FirstMoved(SqliteStatements statements, ReadOnlySpan<Fence> fences)
    {
        foreach (var fence in fences)
        {
            if (statements.Number("SELECT epoch FROM owners WHERE kind = @kind AND id = @id", ("kind", (int)fence.Kind), ("id", fence.Id))
                != fence.Epoch)
                return fence;
        }

        return null;
    }

    /// <summary>null when it was inserted, else the row that is in its way.</summary>
    static SessionRow? TryInsert(SqliteStatements statements, SessionRow row)
    {
        try
        {
            statements.Execute(InsertRow, Values(row));
            return null;
        }
        catch (SqliteException exception) when (exception.SqliteExtendedErrorCode is PrimaryKeyViolated or UniqueViolated)
        {
            // SQLite has undone this one statement and nothing else.
            var existing = First(statements, FindRow, ("session_id", row.SessionId))
                ?? First(statements, FindKey, ("account_id", row.AccountId), ("idempotency_key", row.IdempotencyKey));
            if (existing is null)
                throw;
            return existing;
        }
    }

    static SessionRow? First(SqliteStatements statements, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var reader = statements.Read(sql, values);
        return reader.Read() ? SessionColumns.Read(reader) : null;
    }

    static (string Name, object? Value)[] Values(SessionRow row)
    {
        var columns = SessionColumns.All;
        var values = new (string, object?)[columns.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = (columns[i].Name, columns[i].ValueOf(row));
        return values;
    }

    static void WriteEvents(SqliteStatements statements, SessionChange change)
    {
        foreach (var one in change.Events)
            statements.Execute(InsertEvent,
                ("session_id", change.Row.SessionId), ("seq", one.Seq), ("account_id", change.Row.AccountId), ("at", Instant.ToColumn(one.At)),
                ("type", one.Type), ("node_id", one.NodeId), ("connection_id", one.ConnectionId), ("detail", one.Detail),
                ("streamed_ms", Streamed.ToColumn(one.StreamedSeconds)));
    }
}
