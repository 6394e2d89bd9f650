using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using SessionManager.Sessions;

namespace SessionManager.Storage.Sessions;

/// <summary>What reads sessions for the grains, in the SQL that SQLite and PostgreSQL share. How rows are written is each one's own.</summary>
abstract class SqlSessionStore(IDatabase database) : ISessionStore
{
    /// <summary>More than any sweep asks for at once.</summary>
    const int MaxOverdue = 10_000;

    static readonly string Select = $"SELECT {SessionColumns.List} FROM sessions";

    public abstract Task<Ownership> TakeOwnership(OwnerKind kind, string id, CancellationToken cancellation = default);

    public Task<WriteResult> Insert(SessionChange change, Fence account, Fence node)
    {
        NewRow.Check(change, account, node);
        return change.Row.IdempotencyKey is { } key && database.Migrated.Names(change.Row.AccountId, key, change.Row.CreatedAt).Length > 0
            ? InsertUnlessMigrated(change, account, node, key)
            : InsertNew(change, account, node);
    }

    public abstract Task<WriteResult> Update(SessionChange change, ImmutableArray<Fence> fences);

    public abstract Task<int> Clean(DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit, CancellationToken cancellation = default);

    public async Task<Ownership> Look(OwnerKind kind, string id, CancellationToken cancellation = default)
    {
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"SELECT epoch FROM owners WHERE kind = @kind AND id = @id; {LiveRows(kind)}", new { kind = (short)kind, id }, cancellationToken: cancellation));
        var epoch = await reader.ReadAsync(cancellation) ? reader.GetInt64(0) : 0;
        await reader.NextResultAsync(cancellation);
        return new(new(kind, id, epoch), await HeldRow.ReadAll(reader, cancellation));
    }

    public async Task<SessionRow?> Find(string sessionId, CancellationToken cancellation = default) =>
        (await Rows($"{Select} WHERE session_id = @sessionId", new { sessionId }, cancellation)).FirstOrDefault();

    public async Task<SessionRow?> FindByIdempotencyKey(
        string accountId, string idempotencyKey, DateTimeOffset now, CancellationToken cancellation = default) =>
        (await Rows(
            $"{Select} WHERE account_id = @accountId AND idempotency_key = @idempotencyKey AND created_at > @after",
            new { accountId, idempotencyKey, after = Instant.ToColumn(now - IdempotencyKeys.Life) }, cancellation)).FirstOrDefault()
        ?? await FindMigrated(accountId, idempotencyKey, now, cancellation);

    public async Task<long> StreamedMilliseconds(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation = default)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT CAST(SUM(milliseconds) AS BIGINT) FROM usage WHERE account_id = @accountId AND day >= @from AND day < @to",
            new { accountId, from = Day.ToColumn(from), to = Day.ToColumn(to) }, cancellationToken: cancellation)) ?? 0;
    }

    public async Task<ImmutableArray<string>> Overdue(DateTimeOffset before, int limit, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxOverdue);
        await using var connection = await database.Open(cancellation);
        return
        [
            .. await connection.QueryAsync<string>(new CommandDefinition(
                "SELECT session_id FROM sessions WHERE state <> 'dropped' AND next_deadline < @before ORDER BY next_deadline, session_id LIMIT @limit",
                new { before = Instant.ToColumn(before), limit }, cancellationToken: cancellation)),
        ];
    }

    public async Task<ImmutableArray<string>> NodesInUse(CancellationToken cancellation = default)
    {
        // From one node to the next along the index: what it costs goes with the nodes and not with their sessions.
        const string sql =
            """
            WITH RECURSIVE used (node_id) AS (
                SELECT MIN(node_id) FROM sessions WHERE state <> 'dropped'
                UNION ALL
                SELECT (SELECT MIN(sessions.node_id) FROM sessions WHERE state <> 'dropped' AND sessions.node_id > used.node_id)
                FROM used WHERE used.node_id IS NOT NULL
            )
            SELECT node_id FROM used WHERE node_id IS NOT NULL
            """;
        await using var connection = await database.Open(cancellation);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(sql, cancellationToken: cancellation))];
    }

    protected abstract Task<WriteResult> InsertNew(SessionChange change, Fence account, Fence node);

    /// <summary>With the owner as the parameter <c>@id</c>.</summary>
    protected static string LiveRows(OwnerKind kind) =>
        $"SELECT {HeldRow.Columns} FROM sessions WHERE {(kind == OwnerKind.Account ? "account_id" : "node_id")} = @id AND state <> 'dropped'";

    protected static async Task<ImmutableArray<SessionRow>> ReadAll(DbDataReader reader, CancellationToken cancellation)
    {
        var rows = ImmutableArray.CreateBuilder<SessionRow>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(SessionColumns.Read(reader));
        return rows.DrainToImmutable();
    }

    async Task<WriteResult> InsertUnlessMigrated(SessionChange change, Fence account, Fence node, string key) =>
        await FindMigrated(change.Row.AccountId, key, change.Row.CreatedAt) is { } existing
            ? new(WriteOutcome.Conflict, Existing: existing)
            : await InsertNew(change, account, node);

    async Task<SessionRow?> FindMigrated(string accountId, string idempotencyKey, DateTimeOffset now, CancellationToken cancellation = default)
    {
        foreach (var name in database.Migrated.Names(accountId, idempotencyKey, now))
        {
            if (await Find(name, cancellation) is { } row && row.IdempotencyKey == name && now - row.CreatedAt < IdempotencyKeys.Life)
                return row;
        }

        return null;
    }

    async Task<ImmutableArray<SessionRow>> Rows(string sql, object values, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, values, cancellationToken: cancellation));
        return await ReadAll(reader, cancellation);
    }
}
