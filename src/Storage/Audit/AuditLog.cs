using SessionManager.Audit;
using SessionManager.Lists;

namespace SessionManager.Storage.Audit;

sealed class AuditLog(IDatabase database) : IAuditLog
{
    public Task Append(AuditEntry entry) => database.Append(
        "audit",
        $"""
        INSERT INTO audit ({AuditColumns.List})
        VALUES (@at, @actor, @key_id, @action, @target, @detail, @address, @request_id)
        """,
        [
            ("at", Instant.ToColumn(entry.At)), ("actor", entry.Actor), ("key_id", entry.KeyId), ("action", entry.Action),
            ("target", entry.Target), ("detail", entry.Detail), ("address", entry.Address), ("request_id", entry.RequestId),
        ]);

    public async Task<Page<AuditEntry>> List(AuditFilter filter, string? cursor, int limit, CancellationToken cancellation)
    {
        var query = new ListQuery($"SELECT id, {AuditColumns.List} FROM audit", "id DESC", limit);
        query.WhereEqual("actor", filter.Actor);
        query.WhereEqual("target", filter.Target);
        query.WhereEqual("action", filter.Action);
        if (filter.Since is { } since)
            query.Where("at >= @since", ("since", Instant.ToColumn(since)));
        if (filter.Until is { } until)
            query.Where("at < @until", ("until", Instant.ToColumn(until)));
        if (Cursor.Decode('a', cursor) is { } after)
            query.Where("id < @id", ("id", after.Number));
        return await query.Read(database, reader => AuditColumns.Read(reader, 1), (_, reader) => new Cursor('a', reader.GetInt64(0), ""), cancellation);
    }
}
