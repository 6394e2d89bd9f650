using Dapper;

namespace SessionManager.Storage;

/// <summary>A list's query, put together from the conditions that were asked for.</summary>
sealed class ListQuery(string select, string order, int limit)
{
    readonly List<string> conditions = [];
    readonly DynamicParameters values = new();

    public int Limit => limit;

    public void Where(string condition, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        conditions.Add(condition);
        foreach (var (name, value) in parameters)
            values.Add(name, value);
    }

    public CommandDefinition Command(int rows, CancellationToken cancellation)
    {
        var where = conditions.Count == 0 ? "" : $" WHERE {string.Join(" AND ", conditions)}";
        values.Add("rows", rows);
        return new($"{select}{where} ORDER BY {order} LIMIT @rows", values, cancellationToken: cancellation);
    }
}
