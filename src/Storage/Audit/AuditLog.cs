using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using SessionManager.Audit;
using SessionManager.Lists;

namespace SessionManager.Storage.Audit;

sealed class AuditLog(IDatabase database) : IAuditLog
{
    const string Columns = "id, at, actor, key_id, action, target, detail, address, request_id";

    public Task Append(AuditEntry entry) => database.Append(
        "audit",
        """
        INSERT INTO audit (at, actor, key_id, action, target, detail, address, request_id)
        VALUES (@at, @actor, @key_id, @action, @target, @detail, @address, @request_id)
        """,
        [
            ("at", Instant.ToColumn(entry.At)), ("actor", entry.Actor), ("key_id", entry.KeyId), ("action", entry.Action),
            ("target", entry.Target), ("detail", entry.Detail), ("address", entry.Address), ("request_id", entry.RequestId),
        ]);

    public async Task<Page<AuditEntry>> List(AuditFilter filter, string? cursor, int limit, CancellationToken cancellation)
    {
        var query = new ListQuery($"SELECT {Columns} FROM audit", "id DESC", limit);
        query.WhereEqual("actor", filter.Actor);
        query.WhereEqual("target", filter.Target);
        query.WhereEqual("action", filter.Action);
        if (filter.Since is { } since)
            query.Where("at >= @since", ("since", Instant.ToColumn(since)));
        if (filter.Until is { } until)
            query.Where("at < @until", ("until", Instant.ToColumn(until)));
        if (Cursor.Decode('a', cursor) is { } after)
            query.Where("id < @id", ("id", after.Number));
        return await query.Read(database, Read, (_, reader) => new Cursor('a', reader.GetInt64(0), ""), cancellation);
    }

    public async Task<(ImmutableArray<AuditEntry> Entries, string Cursor)> After(string? cursor, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        await using var connection = await database.Open(cancellation);
        if (Cursor.Decode('f', cursor) is not { } after)
        {
            var newest = await connection.ExecuteScalarAsync<long?>(new CommandDefinition("SELECT MAX(id) FROM audit", cancellationToken: cancellation));
            return ([], new Cursor('f', newest ?? 0, "").Encode());
        }

        await using var reader = await connection.ExecuteReaderAsync(new CommandDefinition(
            $"SELECT {Columns} FROM audit WHERE id > @after ORDER BY id LIMIT @limit",
            new { after = after.Number, limit }, cancellationToken: cancellation));
        var entries = ImmutableArray.CreateBuilder<AuditEntry>();
        while (await reader.ReadAsync(cancellation))
        {
            entries.Add(Read(reader));
            after = after with { Number = reader.GetInt64(0) };
        }

        return (entries.DrainToImmutable(), after.Encode());
    }

    static AuditEntry Read(DbDataReader reader) => new(
        Instant.FromColumn(reader.GetInt64(1)),
        reader.Text(2),
        reader.Text(3),
        reader.GetString(4),
        reader.Text(5),
        reader.Text(6),
        reader.Text(7),
        reader.Text(8));
}
