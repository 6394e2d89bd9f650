using System.Data.Common;
using Dapper;
using SessionManager.Lists;

namespace SessionManager.Storage;

/// <summary>
/// A list's query, put together from the conditions that were asked for. It goes on from its sort key and never by offset, so the
/// thousandth page costs what the first does.
/// </summary>
sealed class ListQuery
{
    const int MaxLimit = 200;

    readonly List<string> conditions = [];
    readonly DynamicParameters values = new();
    readonly string select;
    readonly string order;
    readonly int limit;

    /// <param name="limit">1 to 200.</param>
    public ListQuery(string select, string order, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        (this.select, this.order, this.limit) = (select, order, limit);
    }

    public void Where(string condition, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        conditions.Add(condition);
        foreach (var (name, value) in parameters)
            values.Add(name, value);
    }

    /// <param name="value">null: the condition is not asked for.</param>
    public void WhereEqual(string column, string? value)
    {
        if (value is not null)
            Where($"{column} = @{column}", (column, value));
    }

    /// <param name="place">Of the last item of a page, from which the next one goes on.</param>
    public async Task<Page<T>> Read<T>(IDatabase database, Func<DbDataReader, T> read, Func<T, DbDataReader, Cursor> place, CancellationToken cancellation)
    {
        var where = conditions.Count == 0 ? "" : $" WHERE {string.Join(" AND ", conditions)}";
        // One row more than the page holds: there is a next page only if it comes.
        values.Add("rows", limit + 1);
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(
            new CommandDefinition($"{select}{where} ORDER BY {order} LIMIT @rows", values, cancellationToken: cancellation));
        var items = new List<T>(limit);
        Cursor? last = null;
        while (items.Count < limit && await reader.ReadAsync(cancellation))
        {
            items.Add(read(reader));
            if (items.Count == limit)
                last = place(items[^1], reader);
        }

        return new([.. items], await reader.ReadAsync(cancellation) ? last?.Encode() : null);
    }
}
