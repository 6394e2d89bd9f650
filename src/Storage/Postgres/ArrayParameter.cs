using Npgsql;
using NpgsqlTypes;

namespace SessionManager.Storage.Postgres;

/// <summary>One column of the rows that a statement writes at once. The list is the same for every commit: filled, sent, cleared.</summary>
abstract class ArrayParameter<TRow>(string name)
{
    public string Name => name;

    /// <summary>As PostgreSQL names it.</summary>
    public abstract string SqlType { get; }
    public abstract NpgsqlParameter Parameter { get; }
    public abstract void Add(TRow row);
    public abstract void Clear();
}

sealed class ArrayParameter<TRow, T>(string name, NpgsqlDbType type, Func<TRow, T> of) : ArrayParameter<TRow>(name)
{
    readonly NpgsqlParameter<List<T>> parameter = new() { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = [] };

    public override string SqlType { get; } = $"{type.ToString().ToLowerInvariant()}[]";
    public override NpgsqlParameter Parameter => parameter;
    public override void Add(TRow row) => parameter.TypedValue!.Add(of(row));
    public override void Clear() => parameter.TypedValue!.Clear();
}
