using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using SessionManager.Options;
using SessionManager.Sessions;

namespace SessionManager.Journal;

/// <summary>
/// Reads lists by their sort key and never by offset, so the thousandth page costs what the first does. What this process
/// has queued for writing is written first: a caller finds in a list what it was answered before.
/// </summary>
sealed class JournalReader(JournalDatabase database, JournalWriter writer, IOptions<SessionOptions> options, TimeProvider time) : IJournalReader
{
    const int MaxLimit = 200;

    static JournalReader() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    public async Task<Page<Session>> Sessions(
        string? accountId, SessionState? state, string? cursor, int limit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var query = new ListQuery("SELECT * FROM journal_sessions", "created_at DESC, session_id DESC", limit);
        query.Where("purged_at IS NULL");
        query.Where("(dropped_at IS NULL OR dropped_at > @readable)", ("readable", Instant.ToColumn(now.AddSeconds(-options.Value.RetentionSeconds))));
        if (accountId is not null)
            query.Where("account_id = @account", ("account", accountId));
        if (state is { } wanted)
            query.Where("state = @state", ("state", WireNames<SessionState>.Of(wanted)));
        if (Cursor.Decode('s', cursor) is { } after)
            query.Where("(created_at, session_id) < (@at, @id)", ("at", after.Number), ("id", after.Text));
        return await List<SessionRow, Session>(query, row => row.ToSession(), row => new Cursor('s', row.CreatedAt, row.SessionId), cancellation);
    }

    public async Task<ImmutableArray<SessionEvent>> Timeline(string sessionId, CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        var rows = await connection.QueryAsync<EventRow>(new CommandDefinition(
            "SELECT * FROM journal_events WHERE session_id = @sessionId ORDER BY seq", new { sessionId }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToEvent())];
    }

    public async Task<ImmutableArray<DayUsage>> Usage(
        string accountId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        var rows = await connection.QueryAsync<EventRow>(new CommandDefinition(
            "SELECT session_id, at, streamed_seconds FROM journal_events WHERE account_id = @accountId AND streamed_seconds IS NOT NULL AND at > @from",
            new { accountId, from = Instant.ToColumn(from) }, cancellationToken: cancellation));
        return UsageByDay.Of(rows.Select(row => (row.SessionId, Instant.FromColumn(row.At), row.StreamedSeconds!.Value)), from, to);
    }

    public async Task<ImmutableArray<string>> Purgeable(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        var ids = await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT session_id FROM journal_sessions WHERE purged_at IS NULL AND dropped_at < @before ORDER BY dropped_at LIMIT @limit",
            new { before = Instant.ToColumn(before), limit }, cancellationToken: cancellation));
        return [.. ids];
    }

    async Task<DbConnection> Open(CancellationToken cancellation)
    {
        await writer.Drain().WaitAsync(cancellation);
        return await database.Open(cancellation);
    }

    /// <summary>Asks for one row more than the page holds: there is a next page only if it comes.</summary>
    async Task<Page<T>> List<TRow, T>(ListQuery query, Func<TRow, T> read, Func<TRow, Cursor> place, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxLimit);
        await using var connection = await Open(cancellation);
        var rows = (await connection.QueryAsync<TRow>(query.Command(query.Limit + 1, cancellation))).AsList();
        return new(
            [.. rows.Take(query.Limit).Select(read)],
            rows.Count > query.Limit ? place(rows[query.Limit - 1]).Encode() : null);
    }
}
