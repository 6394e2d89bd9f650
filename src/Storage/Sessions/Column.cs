using NpgsqlTypes;
using SessionManager.Sessions;
using SessionManager.Storage.Postgres;

namespace SessionManager.Storage.Sessions;

/// <summary>A column of <c>sessions</c>, and what a row has in it.</summary>
abstract record Column(string Name)
{
    public abstract object? ValueOf(SessionRow row);

    /// <summary>For a statement that writes many rows at once.</summary>
    public abstract ArrayParameter<SessionRow> NewArray();
}

sealed record Column<T>(string Name, NpgsqlDbType Type, Func<SessionRow, T> Of) : Column(Name)
{
    public override object? ValueOf(SessionRow row) => Of(row);

    public override ArrayParameter<SessionRow> NewArray() => new ArrayParameter<SessionRow, T>(Name, Type, Of);
}
