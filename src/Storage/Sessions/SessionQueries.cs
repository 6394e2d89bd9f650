using System.Collections.Immutable;
using Dapper;
using SessionManager.Lists;
using SessionManager.Sessions;

namespace SessionManager.Storage.Sessions;

/// <summary>What the front end reads of sessions, in the SQL that SQLite and PostgreSQL share.</summary>
sealed class SessionQueries(IDatabase database) : ISessionQueries
{
    const string Live = "state <> 'dropped'";
    const string Past = "state = 'dropped'";

    public async Task<Page<SessionRow>> List(SessionFilter filter, string? cursor, int limit, CancellationToken cancellation)
    {
        var (list, column, direction, follows) = filter.Order switch
        {
            SessionOrder.NewestFirst => ('s', "created_at", "DESC", "<"),
            SessionOrder.OldestFirst => ('o', "created_at", "ASC", ">"),
            _ => ('d', "dropped_at", "DESC", "<"),
        };
        var query = new ListQuery($"SELECT {SessionColumns.List} FROM sessions", $"{column} {direction}, session_id {direction}", limit);
        query.WhereEqual("account_id", filter.AccountId);
        query.WhereEqual("state", filter.State is { } state ? WireNames<SessionState>.Of(state) : null);
        query.Split(Halves(filter));
        query.WhereEqual("node_id", filter.NodeId);
        query.WhereEqual("region", filter.Region);
        query.WhereEqual("reason", filter.Reason is { } reason ? WireNames<DropReason>.Of(reason) : null);
        if (filter.NotDroppedBefore is { } readable)
            query.Where("(dropped_at IS NULL OR dropped_at >= @readable)", ("readable", Instant.ToColumn(readable)));
        if (filter.Order == SessionOrder.LastDroppedFirst)
            query.Where("dropped_at IS NOT NULL");
        if (filter.Since is { } since)
            query.Where($"{column} >= @since", ("since", Instant.ToColumn(since)));
        if (filter.Until is { } until)
            query.Where($"{column} < @until", ("until", Instant.ToColumn(until)));
        if (Cursor.Decode(list, cursor) is { } after)
            query.Where($"({column}, session_id) {follows} (@at, @id)", ("at", after.Number), ("id", after.Text));
        return await query.Read(
            database, SessionColumns.Read, (row, _) => new Cursor(list, Instant.ToColumn(list == 'd' ? row.DroppedAt!.Value : row.CreatedAt), row.SessionId), cancellation);
    }

    /// <summary>The halves of the table that such rows can be in, by what their indexes are for.</summary>
    static string[] Halves(SessionFilter filter) => filter switch
    {
        { State: SessionState.Dropped } or { State: null, Reason: not null } or { Order: SessionOrder.LastDroppedFirst } => [Past],
        { State: not null } => [Live],
        _ => [Live, Past],
    };

    public async Task<(SessionRow Row, ImmutableArray<SessionEvent> Events)?> Detail(string sessionId, CancellationToken cancellation)
    {
        // One statement: the row and its timeline are of the same instant.
        var sql =
            $"""
            SELECT {SessionColumns.QualifiedList}, {EventColumns.List}
            FROM sessions LEFT JOIN session_events e ON e.session_id = sessions.session_id
            WHERE sessions.session_id = @sessionId ORDER BY e.seq
            """;
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, new { sessionId }, cancellationToken: cancellation));
        SessionRow? row = null;
        var events = ImmutableArray.CreateBuilder<SessionEvent>();
        var first = SessionColumns.All.Length;
        while (await reader.ReadAsync(cancellation))
        {
            row ??= SessionColumns.Read(reader);
            if (!await reader.IsDBNullAsync(first, cancellation))
                events.Add(EventColumns.Read(reader, first));
        }

        return row is null ? null : (row, events.DrainToImmutable());
    }

    public async Task<AccountStreams> Usage(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        // One statement: a connection that ends is either still running or in its day, never both or neither.
        const string sql =
            """
            SELECT day, milliseconds, sessions FROM usage WHERE account_id = @accountId AND day >= @from AND day < @to
            UNION ALL
            SELECT NULL, connection_since, 0 FROM sessions
            WHERE account_id = @accountId AND state <> 'dropped' AND connection_since IS NOT NULL
            ORDER BY 1, 2
            """;
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            sql, new { accountId, from = Day.ToColumn(from), to = Day.ToColumn(to) }, cancellationToken: cancellation));
        var days = ImmutableArray.CreateBuilder<UsageEntry>();
        var running = ImmutableArray.CreateBuilder<DateTimeOffset>();
        while (await reader.ReadAsync(cancellation))
        {
            if (await reader.IsDBNullAsync(0, cancellation))
                running.Add(Instant.FromColumn(reader.GetInt64(1)));
            else
                days.Add(new(Day.FromColumn(reader.GetString(0)), reader.GetInt64(1), (int)reader.GetInt64(2)));
        }

        return new(days.DrainToImmutable(), running.DrainToImmutable());
    }

    public async Task<SessionFigures> Figures(DateTimeOffset since, CancellationToken cancellation)
    {
        const string live = $"SELECT state, count(*) FROM sessions WHERE {Live} GROUP BY state ORDER BY state";
        const string minutes =
            $"""
            SELECT minute, CAST(sum(minted) AS BIGINT), CAST(sum(connected) AS BIGINT), CAST(sum(dropped) AS BIGINT) FROM (
                SELECT created_at / 60000 AS minute, 1 AS minted, 0 AS connected, 0 AS dropped FROM sessions WHERE {Live} AND created_at >= @since
                UNION ALL SELECT created_at / 60000, 1, 0, 0 FROM sessions WHERE {Past} AND created_at >= @since
                UNION ALL SELECT connected_at / 60000, 0, 1, 0 FROM sessions WHERE connected_at >= @since
                UNION ALL SELECT dropped_at / 60000, 0, 0, 1 FROM sessions WHERE dropped_at >= @since) AS what
            GROUP BY minute ORDER BY minute
            """;
        const string drops =
            "SELECT reason, count(*) FROM sessions WHERE dropped_at >= @since AND reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1";
        await using var connection = await database.Open(cancellation);
        var values = new { since = Instant.ToColumn(since) };
        return new(
            [
                .. (await connection.QueryAsync<(string State, long Count)>(new CommandDefinition(live, cancellationToken: cancellation)))
                    .Select(row => new StateCount(WireNames<SessionState>.Parse(row.State), (int)row.Count)),
            ],
            [
                .. (await connection.QueryAsync<(long Minute, long Minted, long Connected, long Dropped)>(
                    new CommandDefinition(minutes, values, cancellationToken: cancellation)))
                    .Select(row => new MinuteFigures(
                        DateTimeOffset.UnixEpoch.AddMinutes(row.Minute), (int)row.Minted, (int)row.Connected, (int)row.Dropped)),
            ],
            [
                .. (await connection.QueryAsync<(string Reason, long Count)>(new CommandDefinition(drops, values, cancellationToken: cancellation)))
                    .Select(row => new ReasonCount(WireNames<DropReason>.Parse(row.Reason), (int)row.Count)),
            ]);
    }
}
