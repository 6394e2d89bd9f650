using System.Collections.Immutable;
using Dapper;
using SessionManager.Audit;
using SessionManager.Changes;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Changes;

/// <summary>
/// Reads events and audit in one statement, as rows of one form: what is asked every second by every front end is asked once. The two
/// databases differ in what an event's place is.
/// </summary>
abstract class ChangeFeed(IDatabase database) : IChangeFeed
{
    const int Event = 0;
    const int Entry = 1;

    public async Task<ChangePosition> Now(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var (events, audit) = await connection.QuerySingleAsync<(long Events, long Audit)>(new CommandDefinition(
            $"SELECT {NewestEvent}, COALESCE((SELECT MAX(id) FROM audit), 0)", cancellationToken: cancellation));
        return new(new Cursor('e', events, "").Encode(), new Cursor('f', audit, "").Encode());
    }

    public async Task<ChangeBatch> After(ChangePosition position, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var (following, values) = Following(Cursor.Decode('e', position.Events)!.Value);
        values.Add("limit", limit);
        var sql =
            $"""
            SELECT * FROM (
                SELECT {Event} AS kind, {EventColumns.List}, e.session_id, e.account_id, CAST(NULL AS TEXT) AS request_id, {following}
                LIMIT @limit) AS events
            """;
        if (Cursor.Decode('f', position.Audit) is { } audited)
        {
            values.Add("audited", audited.Number);
            sql +=
                $"""
                 UNION ALL SELECT * FROM (
                    SELECT {Entry}, 0, CAST(NULL AS BIGINT), {AuditColumns.List}, id
                    FROM audit WHERE id > @audited ORDER BY id LIMIT @limit) AS entries
                """;
        }

        sql += " ORDER BY kind, place, session_id, seq";
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, values, cancellationToken: cancellation));
        var events = ImmutableArray.CreateBuilder<FollowedEvent>();
        var entries = ImmutableArray.CreateBuilder<AuditEntry>();
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.GetInt32(0) == Event)
            {
                var sessionId = reader.GetString(8);
                var told = EventColumns.Read(reader, 1);
                var place = Place(reader.GetInt64(11), sessionId, told.Seq).Encode();
                events.Add(new(place, sessionId, reader.GetString(9), told));
                position = position with { Events = place };
            }
            else
            {
                entries.Add(AuditColumns.Read(reader, 3));
                position = position with { Audit = new Cursor('f', reader.GetInt64(11), "").Encode() };
            }
        }

        return new(events.DrainToImmutable(), entries.DrainToImmutable(), position);
    }

    /// <summary>Behind every event that is committed now, and before any that may still be.</summary>
    protected abstract string NewestEvent { get; }

    /// <summary>An event's place, as the column <c>place</c>; from where, what follows, and in which order.</summary>
    protected abstract (string Sql, DynamicParameters Values) Following(Cursor after);

    protected abstract Cursor Place(long place, string sessionId, int seq);
}
