using System.Data.Common;
using SessionManager.Sessions;
using SessionManager.Storage.Migration;

namespace SessionManager.Storage.Sqlite;

/// <summary>The file that everything but Orleans' own records is in, and its one writer.</summary>
sealed class SqliteDatabase(SqliteFile file) : IDatabase, IAsyncDisposable
{
    public MigratedKeys Migrated { get; } = new();

    public SqliteWriter Writer { get; } = new(file);

    public async ValueTask<DbConnection> Open(CancellationToken cancellation)
    {
        var connection = file.Connection();
        await connection.OpenAsync(cancellation);
        return connection;
    }

    public Task Write(string sql, (string Name, object? Value)[] values) => Writer.Execute(statements => statements.Execute(sql, values));

    /// <summary>There is one writer, so numbers are given in the order of the commits.</summary>
    public Task Append(string table, string sql, (string Name, object? Value)[] values) => Write(sql, values);

    /// <summary>Brings the tables to this version's form, and the data of the earlier version into them.</summary>
    /// <exception cref="StorageUnusableException">A file is damaged, or of a newer version.</exception>
    public async Task Prepare(SessionOptions options, DateTimeOffset now)
    {
        file.Check();
        await using (var connection = file.OpenWriter())
            await Tables.Sqlite.Apply(connection, file.Path);
        await SqliteMigration.Run(file, options, now);
        await using var reader = await Open(CancellationToken.None);
        await Migrated.Look(reader, now);
    }

    public ValueTask DisposeAsync() => Writer.DisposeAsync();
}
