using System.Data.Common;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Sqlite;

/// <summary>The file that sessions are in, and its one writer.</summary>
sealed class SqliteDatabase(SqliteFile file) : IDatabase, IAsyncDisposable
{
    static readonly Schema Tables = new("sessions", Lock: null, [SessionTables.Sqlite]);

    public SqliteWriter Writer { get; } = new(file);

    public async ValueTask<DbConnection> Open(CancellationToken cancellation)
    {
        var connection = file.Connection();
        await connection.OpenAsync(cancellation);
        return connection;
    }

    /// <summary>Brings the tables to this version's form.</summary>
    /// <exception cref="StorageUnusableException">The file is damaged, or of a newer version.</exception>
    public async Task Prepare()
    {
        file.Check();
        await using var connection = file.OpenWriter();
        await Tables.Apply(connection, file.Path);
    }

    public ValueTask DisposeAsync() => Writer.DisposeAsync();
}
