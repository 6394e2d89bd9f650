using System.Data.Common;
using Npgsql;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Journal;

/// <summary>Where the journal is: a SQLite file or a PostgreSQL database. The tables and the queries are the same in both.</summary>
sealed class JournalDatabase
{
    readonly SqliteFile? file;
    readonly NpgsqlDataSource? server;

    public JournalDatabase(SqliteFile file) => this.file = file;

    public JournalDatabase(NpgsqlDataSource server) => this.server = server;

    /// <summary>For reading.</summary>
    public async ValueTask<DbConnection> Open(CancellationToken cancellation)
    {
        if (server is not null)
            return await server.OpenConnectionAsync(cancellation);
        var connection = file!.Connection();
        await connection.OpenAsync(cancellation);
        return connection;
    }

    public async ValueTask<DbConnection> OpenWriter() => server is null ? file!.OpenWriter() : await server.OpenConnectionAsync();

    /// <summary>Brings the tables to this version's form; of several processes starting at once, one does and the others wait.</summary>
    public async Task Migrate()
    {
        file?.Check();
        await using var connection = await OpenWriter();
        if (server is null)
            await JournalSchema.SQLite.Apply(connection, file!.Path);
        else
            await JournalSchema.PostgreSQL.Apply(connection, $"the database {connection.Database}");
    }
}
