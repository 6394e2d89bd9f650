using Dapper;
using Microsoft.Data.Sqlite;
using SessionManager.Sessions;
using SessionManager.Storage.Orleans;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Storage.Migration;

/// <summary>
/// The earlier version's files, beside ours: <c>grains.db</c>, which Orleans goes on with, and <c>journal.db</c>, which nobody reads
/// any more and which stays as it was.
/// </summary>
static class SqliteMigration
{
    /// <summary>The version of Orleans' tables in which sessions were among the records.</summary>
    const int WithSessions = 1;

    /// <param name="sessions">With its tables.</param>
    public static async Task Run(SqliteFile sessions, SessionOptions options, DateTimeOffset now)
    {
        var folder = Path.GetDirectoryName(sessions.Path)!;
        var grains = new SqliteFile(Path.Combine(folder, "grains.db"));
        var journal = Path.Combine(folder, "journal.db");
        if (!File.Exists(grains.Path))
            return;
        grains.Check();
        grains.CloseIdle();
        sessions.CloseIdle();
        // Not from the pool: what is attached and set here is for this once.
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(grains.Connection().ConnectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        // A first start may have been cut off before it made the tables.
        if (await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM sqlite_master WHERE name = 'orleans_version'") == 0
            || await connection.ExecuteScalarAsync<int?>("SELECT MAX(version) FROM orleans_version") is not WithSessions)
            return;
        if (!File.Exists(journal))
            throw new StorageUnusableException(
                $"DATA_DIR: {journal} is missing, which belongs to {grains.Path}: it has the history of the earlier version's sessions. Restore both from one backup; nothing was changed.");

        await connection.ExecuteAsync("ATTACH @target AS target; ATTACH @journal AS journal", new { target = sessions.Path, journal });
        // One commit of several files is whole or not at all only in this mode.
        await Switch(connection, "DELETE");
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await new Migration(connection, transaction, OldNames.Sqlite, options, now).Run();
            await OrleansTables.Sqlite.Apply(connection, transaction, grains.Path);
            // An earlier program says then that it is too old for these files.
            await connection.ExecuteAsync("INSERT INTO journal.journal_version VALUES (2)", transaction: transaction);
            await transaction.CommitAsync();
        }

        await Switch(connection, "WAL");
    }

    static async Task Switch(SqliteConnection connection, string mode)
    {
        foreach (var file in new[] { "main", "target", "journal" })
            await connection.ExecuteAsync($"PRAGMA {file}.journal_mode = {mode}; PRAGMA {file}.synchronous = FULL");
    }
}
