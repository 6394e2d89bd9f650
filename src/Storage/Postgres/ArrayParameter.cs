using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;

namespace SessionManager.Storage.Postgres;

/// <summary>One column of the rows that a statement writes at once. The list is the same for every commit: filled, sent, cleared.</summary>
abstract class ArrayParameter<TRow>(string name, NpgsqlDbType type)
{
    public string Name => name;

    /// <summary>As PostgreSQL names it.</summary>
    public string SqlType { get; } = $"{type.ToString().ToLowerInvariant()}[]";
    public abstract NpgsqlParameter Parameter { get; }
    public abstract void Add(TRow row);
    public abstract void Clear();
}

sealed class ArrayParameter<TRow, T>(string name, NpgsqlDbType type, Func<TRow, T> of) : ArrayParameter<TRow>(name, type)
{
    readonly NpgsqlParameter<List<T>> _parameter = new() { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = [] };

    public override NpgsqlParameter Parameter => _parameter;
    public override void Add(TRow row) => _parameter.TypedValue!.Add(of(row));
    public override void Clear() => _parameter.TypedValue!.Clear();
}

/// <summary>Rows that go into a statement as <c>unnest</c> of one array a column.</summary>
sealed class RowSet<TRow>(ImmutableArray<ArrayParameter<TRow>> columns)
{
    /// <summary>The columns' names, for a column list.</summary>
    public string Names { get; } = string.Join(", ", columns.Select(column => column.Name));

    /// <summary>Adds the parameters to the command.</summary>
    /// <returns>The call of <c>unnest</c> that makes rows of them.</returns>
    public string AddTo(NpgsqlBatchCommand command)
    {
        var arrays = new List<string>();
        foreach (var column in columns)
        {
            command.Parameters.Add(column.Parameter);
            arrays.Add($"${command.Parameters.Count}::{column.SqlType}");
        }

        return $"unnest({string.Join(", ", arrays)})";
    }

    public void Add(TRow row)
    {
        foreach (var column in columns)
            column.Add(row);
    }

    public void Clear()
    {
        foreach (var column in columns)
            column.Clear();
    }
}
