using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using SessionManager.Sessions;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Migration;

/// <summary>
/// Brings the data of the earlier version, which kept a session in three grains' records and a journal, into this one's tables.
/// All of it is one transaction, and what makes it due is gone with it.
/// </summary>
sealed class Migration(DbConnection connection, DbTransaction transaction, OldNames names, SessionOptions options, DateTimeOffset now)
{
    readonly Dictionary<string, JsonObject> _leases = new(StringComparer.Ordinal);
    readonly List<(string SessionId, string AccountId, SessionEvent Event)> _unjournaled = [];

    /// <returns>How many sessions there are now.</returns>
    /// <exception cref="StorageUnusableException">A record cannot be read. The transaction is not to be committed.</exception>
    public async Task<int> Run()
    {
        await MoveAccounts();
        await MoveNodes();
        var sessions = await MoveSessions();
        await MoveTimelines();
        await CountUsage();
        await MoveLists();
        await Execute($"DELETE FROM {names.Records} WHERE {names.Type} = 'session'");
        return sessions;
    }

    async Task MoveAccounts()
    {
        foreach (var (key, payload) in await Records("account"))
        {
            await Rewrite("account", key, OldRecords.WithoutSessions(Parse("account", key, payload), out var held));
            if (held is not null)
                _leases.Add(key, held);
        }
    }

    async Task MoveNodes()
    {
        foreach (var (key, payload) in await Records("node"))
            await Rewrite("node", key, OldRecords.WithoutPlaces(Parse("node", key, payload), now));
    }

    async Task<int> MoveSessions()
    {
        var insert =
            $"""
            INSERT INTO {names.New}sessions ({SessionColumns.List})
            VALUES ({string.Join(", ", SessionColumns.All.Select(column => $"@{column.Name}"))})
            """;
        var moved = 0;
        foreach (var (key, payload) in await Records("session"))
        {
            var old = Read<OldSession>("session", key, Parse("session", key, payload));
            var lease = _leases.GetValueOrDefault(old.AccountId)?[old.SessionId] is { } held ? Read<OldLease>("account", old.AccountId, held) : null;
            var row = OldSessionRow.Of(old, lease, options, now);
            await Execute(insert, [.. SessionColumns.All.Select(column => (column.Name, column.ValueOf(row)))]);
            _unjournaled.AddRange((old.Outbox ?? []).Select(one => (old.SessionId, old.AccountId, one)));
            moved++;
        }

        return moved;
    }

    async Task MoveTimelines()
    {
        await Execute(
            $"""
            INSERT INTO {names.New}session_events (session_id, seq, account_id, at, type, node_id, connection_id, detail, streamed_ms)
            SELECT session_id, seq, account_id, at / 10000, type, node_id, connection_id, detail, CAST(ROUND(streamed_seconds * 1000) AS BIGINT)
            FROM {names.Journal}session_events WHERE session_id IN (SELECT session_id FROM {names.New}sessions) ORDER BY at, session_id, seq
            """);
        foreach (var (sessionId, accountId, one) in _unjournaled)
            await Execute(
                $"""
                INSERT INTO {names.New}session_events (session_id, seq, account_id, at, type, node_id, connection_id, detail, streamed_ms)
                VALUES (@session_id, @seq, @account_id, @at, @type, @node_id, @connection_id, @detail, @streamed_ms)
                ON CONFLICT (session_id, seq) DO NOTHING
                """,
                ("session_id", sessionId), ("seq", one.Seq), ("account_id", accountId), ("at", Instant.ToColumn(one.At)), ("type", one.Type),
                ("node_id", one.NodeId), ("connection_id", one.ConnectionId), ("detail", one.Detail),
                ("streamed_ms", Streamed.ToColumn(one.StreamedSeconds)));
    }

    /// <summary>Of every connection in the journal, also of sessions that nobody can read any more: their usage stays.</summary>
    async Task CountUsage()
    {
        var usage = new UsageCount();
        var ended = await connection.QueryAsync<(string SessionId, string AccountId, long At, long Milliseconds)>(
            $"""
            SELECT session_id, account_id, at / 10000, CAST(ROUND(streamed_seconds * 1000) AS BIGINT)
            FROM {names.Journal}session_events WHERE streamed_seconds IS NOT NULL
            UNION
            SELECT session_id, account_id, at, streamed_ms FROM {names.New}session_events WHERE streamed_ms IS NOT NULL
            ORDER BY 1, 3
            """, transaction: transaction);
        foreach (var one in ended)
            usage.Add(one.SessionId, one.AccountId, Instant.FromColumn(one.At), one.Milliseconds);
        foreach (var (account, day) in usage.Days)
            await Execute(
                $"INSERT INTO {names.New}usage (account_id, day, milliseconds, sessions) VALUES (@account, @day, @milliseconds, @sessions)",
                ("account", account), ("day", Day.ToColumn(day.Day)), ("milliseconds", day.Milliseconds), ("sessions", (long)day.Sessions));
    }

    async Task MoveLists()
    {
        await Execute(
            $"""
            INSERT INTO {names.New}audit (at, actor, key_id, action, target, detail, address, request_id)
            SELECT at / 10000, actor, key_id, action, target, detail, address, request_id FROM {names.Journal}audit ORDER BY id
            """);
        await Execute(
            $"""
            INSERT INTO {names.New}users (id, username, username_lower, created_at)
            SELECT id, username, username_lower, created_at / 10000 FROM {names.Journal}users
            """);
    }

    async Task<IEnumerable<(string Key, byte[] Payload)>> Records(string type) => await connection.QueryAsync<(string, byte[])>(
        $"SELECT {names.Key}, {names.Payload} FROM {names.Records} WHERE {names.Type} = @type AND {names.Payload} IS NOT NULL",
        new { type }, transaction);

    Task Rewrite(string type, string key, JsonObject record) => Execute(
        $"UPDATE {names.Records} SET {names.Payload} = @payload, {names.Version} = {names.Version} + 1 WHERE {names.Type} = @type AND {names.Key} = @key",
        ("payload", JsonSerializer.SerializeToUtf8Bytes(record)), ("type", type), ("key", key));

    static JsonObject Parse(string type, string key, byte[] payload)
    {
        try
        {
            return JsonNode.Parse(payload) as JsonObject ?? throw new JsonException("It is no record.");
        }
        catch (JsonException exception)
        {
            throw Unreadable(type, key, exception);
        }
    }

    static T Read<T>(string type, string key, JsonNode record)
    {
        try
        {
            return record.Deserialize<T>() ?? throw new JsonException("It is empty.");
        }
        catch (JsonException exception)
        {
            throw Unreadable(type, key, exception);
        }
    }

    static StorageUnusableException Unreadable(string type, string key, Exception cause) => new(
        $"The record of the {type} {key} is damaged, so the earlier version's data was left as it is: {cause.Message.ReplaceLineEndings(" ")} "
        + "Restore it from a backup, or start the earlier version and end what it belongs to.", cause);

    async Task Execute(string sql, params (string Name, object? Value)[] values)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }
}
