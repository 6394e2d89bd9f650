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

    readonly List<string> _conditions = [];
    readonly List<string> _halves = [];
    readonly DynamicParameters _values = new();
    readonly string _select;
    readonly string _order;
    readonly int _limit;

    /// <param name="limit">1 to 200.</param>
    public ListQuery(string select, string order, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        (_select, _order, _limit) = (select, order, limit);
    }

    public void Where(string condition, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        _conditions.Add(condition);
        foreach (var (name, value) in parameters)
            _values.Add(name, value);
    }

    /// <summary>
    /// Says that each row meets exactly one of these conditions, and that each has an index in the list's order: it is read off all of
    /// them side by side.
    /// </summary>
    public void Split(params ReadOnlySpan<string> conditions) => _halves.AddRange(conditions);

    /// <param name="value">null: the condition is not asked for.</param>
    public void WhereEqual(string column, string? value)
    {
        if (value is not null)
            Where($"{column} = @{column}", (column, value));
    }

    /// <param name="place">Of the last item of a page, from which the next one goes on.</param>
    public async Task<Page<T>> Read<T>(IDatabase database, Func<DbDataReader, T> read, Func<T, DbDataReader, Cursor> place, CancellationToken cancellation)
    {
        // One row more than the page holds: there is a next page only if it comes.
        _values.Add("rows", _limit + 1);
        await using var connection = await database.Open(cancellation);
        await using var reader = await connection.ExecuteReaderAsync(
            new CommandDefinition(Sql(), _values, cancellationToken: cancellation));
        var items = new List<T>(_limit);
        Cursor? last = null;
        while (items.Count < _limit && await reader.ReadAsync(cancellation))
        {
            items.Add(read(reader));
            if (items.Count == _limit)
                last = place(items[^1], reader);
        }

        return new([.. items], await reader.ReadAsync(cancellation) ? last?.Encode() : null);
    }

    string Sql()
    {
        if (_halves.Count == 0)
            return Part(_conditions);
        var parts = _halves.Select(half => $"SELECT * FROM ({Part([half, .. _conditions])}) AS part");
        return $"{string.Join(" UNION ALL ", parts)} ORDER BY {_order} LIMIT @rows";
    }

    string Part(List<string> all)
    {
        var where = all.Count == 0 ? "" : $" WHERE {string.Join(" AND ", all)}";
        return $"{_select}{where} ORDER BY {_order} LIMIT @rows";
    }
}
