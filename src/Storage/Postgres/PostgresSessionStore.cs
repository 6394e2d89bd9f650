using System.Collections.Immutable;
using Dapper;
using Npgsql;
using SessionManager.Sessions;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Postgres;

/// <summary>Sessions in a PostgreSQL database. How writes and new owners keep out of one another's way, <see cref="CommitBatch"/> says.</summary>
sealed class PostgresSessionStore(PostgresDatabase database) : SqlSessionStore(database)
{
    const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, $2))";

    const string RaiseEpoch =
        """
        INSERT INTO owners VALUES ($2, $1, 1)
        ON CONFLICT (kind, id) DO UPDATE SET epoch = owners.epoch + 1 RETURNING epoch
        """;

    static readonly string FindInTheWay =
        $"""
        SELECT {SessionColumns.List} FROM sessions
        WHERE session_id = @SessionId OR account_id = @AccountId AND idempotency_key = @IdempotencyKey
        ORDER BY session_id <> @SessionId LIMIT 1
        """;

    public override async Task<Ownership> TakeOwnership(OwnerKind kind, string id, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenPooled(cancellation);
        // One message, and so one transaction. Each statement sees what was committed when it began: after the lock was granted.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(Lock) { Parameters = { new() { Value = id }, new() { Value = (long)kind } } },
                new NpgsqlBatchCommand(RaiseEpoch) { Parameters = { new() { Value = id }, new() { Value = (short)kind } } },
                new NpgsqlBatchCommand(LiveRows(kind).Replace("@id", "$1", StringComparison.Ordinal)) { Parameters = { new() { Value = id } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var epoch = reader.GetInt64(0);
        await reader.NextResultAsync(cancellation);
        var live = await HeldRow.ReadAll(reader, cancellation);
        // Here the server has answered the commit.
        await reader.NextResultAsync(cancellation);
        return new(new(kind, id, epoch), live);
    }

    protected override Task<WriteResult> InsertNew(SessionChange change, Fence account, Fence node) =>
        Write(change, [account, node], isNew: true);

    public override Task<WriteResult> Update(SessionChange change, ImmutableArray<Fence> fences) => Write(change, fences, isNew: false);

    public override async Task<int> Clean(
        DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit, CancellationToken cancellation = default)
    {
        // A row that a write holds is left for the next time: this transaction waits for nobody while it holds rows itself.
        const string deletePastRetention =
            """
            WITH past AS (
                DELETE FROM sessions WHERE session_id IN (
                    SELECT session_id FROM sessions
                    WHERE dropped_at < @before AND (idempotency_key IS NULL OR created_at < @keysBefore)
                    ORDER BY dropped_at LIMIT @limit FOR UPDATE SKIP LOCKED)
                RETURNING session_id
            ), events AS (
                DELETE FROM session_events USING past WHERE session_events.session_id = past.session_id
            ), watched AS (
                DELETE FROM broadcasts USING past WHERE broadcasts.session_id = past.session_id
            )
            SELECT count(*) FROM past
            """;
        const string takeKeysOff =
            """
            UPDATE sessions SET idempotency_key = NULL, body_digest = NULL, version = version + 1 WHERE session_id IN (
                SELECT session_id FROM sessions
                WHERE idempotency_key IS NOT NULL AND created_at < @before ORDER BY created_at LIMIT @limit FOR UPDATE SKIP LOCKED)
            """;
        await using var connection = await database.OpenPooled(cancellation);
        var deleted = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            deletePastRetention,
            new { before = Instant.ToColumn(droppedBefore), keysBefore = Instant.ToColumn(keysBefore), limit },
            cancellationToken: cancellation));
        return (int)deleted + await connection.ExecuteAsync(new CommandDefinition(
            takeKeysOff, new { before = Instant.ToColumn(keysBefore), limit }, cancellationToken: cancellation));
    }

    async Task<WriteResult> Write(SessionChange change, ImmutableArray<Fence> fences, bool isNew)
    {
        using var activity = StorageTracing.StartWrite(isNew);
        while (true)
        {
            var write = new PendingWrite(change, fences, isNew);
            var written = await database.Writer.Write(write).ConfigureAwait(false);
            activity?.SetBatch(write.BatchSize);
            if (written)
                return new(WriteOutcome.Written);
            if (await WhyNot(change.Row, fences, isNew).ConfigureAwait(false) is { } refusal)
                return refusal;
        }
    }

    /// <summary>null where what was in the way is gone by now.</summary>
    async Task<WriteResult?> WhyNot(SessionRow row, ImmutableArray<Fence> fences, bool isNew)
    {
        await using var connection = await database.OpenPooled(CancellationToken.None).ConfigureAwait(false);
        foreach (var fence in fences)
        {
            var epoch = await connection.ExecuteScalarAsync<long?>(
                "SELECT epoch FROM owners WHERE kind = @kind AND id = @Id", new { kind = (short)fence.Kind, fence.Id }).ConfigureAwait(false);
            if (epoch != fence.Epoch)
                return new(WriteOutcome.Fenced, fence.Kind);
        }

        if (isNew)
        {
            await using var reader = await connection.ExecuteReaderAsync(
                FindInTheWay, new { row.SessionId, row.AccountId, row.IdempotencyKey }).ConfigureAwait(false);
            return (await ReadAll(reader, CancellationToken.None).ConfigureAwait(false)) is [var existing]
                ? new(WriteOutcome.Conflict, Existing: existing)
                : null;
        }

        var stored = await Find(row.SessionId).ConfigureAwait(false);
        return stored?.Version == row.Version - 1 ? null : new(WriteOutcome.Conflict, Existing: stored);
    }
}
