using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using SessionManager.Audit;
using SessionManager.Changes;
using SessionManager.Sessions;
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
                SELECT {Event} AS kind, e.session_id, e.seq, e.account_id, e.at, e.type, e.node_id, e.connection_id, e.detail, e.streamed_ms,
                    CAST(NULL AS TEXT) AS request_id, {following} LIMIT @limit) AS events
            """;
        if (Cursor.Decode('f', position.Audit) is { } audited)
        {
            values.Add("audited", audited.Number);
            sql +=
                $"""
                 UNION ALL SELECT * FROM (
                    SELECT {Entry}, target, 0, actor, at, action, key_id, address, detail, CAST(NULL AS BIGINT), request_id, id
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
                var place = Place(reader.GetInt64(11), reader.GetString(1), reader.GetInt32(2)).Encode();
                events.Add(new(place, reader.GetString(1), reader.GetString(3), ReadEvent(reader)));
                position = position with { Events = place };
            }
            else
            {
                entries.Add(ReadEntry(reader));
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

    static SessionEvent ReadEvent(DbDataReader reader) => new(
        reader.GetInt32(2),
        Instant.FromColumn(reader.GetInt64(4)),
        reader.GetString(5),
        reader.Text(6),
        reader.Text(7),
        reader.Text(8),
        Streamed.FromColumn(reader.Number(9)));

    static AuditEntry ReadEntry(DbDataReader reader) => new(
        Instant.FromColumn(reader.GetInt64(4)),
        reader.Text(3),
        reader.Text(6),
        reader.GetString(5),
        reader.Text(1),
        reader.Text(8),
        reader.Text(7),
        reader.Text(10));
}
