using Microsoft.Data.Sqlite;

namespace SessionManager.Storage.Sqlite;

/// <summary>One durable SQLite file: what is committed survives a power cut, and readers never wait for the writer.</summary>
public sealed class SqliteFile(string path)
{
    /// <summary>Covers another process that looks into the file; we ourselves write through one connection.</summary>
    const int BusyMilliseconds = 10_000;

    /// <summary>
    /// What a writer touches again and again stays in memory, 32 MiB, and a page goes from the log into the file only once in many
    /// commits: every 16 MiB of log.
    /// </summary>
    const int CachedKibibytes = 32_768;
    const int CheckpointPages = 4_096;

    readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        ForeignKeys = false,
        DefaultTimeout = BusyMilliseconds / 1000,
    }.ToString();

    public string Path => path;

    /// <summary>Not opened yet, and from a pool.</summary>
    public SqliteConnection Connection() => new(_connectionString);

    /// <summary>Closes connections that wait in the pool: some things can be done only by one that is alone.</summary>
    public void CloseIdle()
    {
        using var connection = Connection();
        SqliteConnection.ClearPool(connection);
    }

    public SqliteConnection OpenWriter()
    {
        var connection = Connection();
        connection.Open();
        using var pragma = connection.CreateCommand();
        pragma.CommandText =
            $"""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA busy_timeout = {BusyMilliseconds};
            PRAGMA cache_size = -{CachedKibibytes};
            PRAGMA wal_autocheckpoint = {CheckpointPages};
            """;
        pragma.ExecuteNonQuery();
        return connection;
    }

    /// <exception cref="StorageUnusableException">The file is damaged, or not a database at all.</exception>
    public void Check()
    {
        if (!File.Exists(path))
            return;
        try
        {
            using var connection = OpenWriter();
            using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA quick_check(1)";
            if (check.ExecuteScalar() is string verdict and not "ok")
                throw new StorageUnusableException($"DATA_DIR: the database file {path} is damaged: {verdict.ReplaceLineEndings(" ")}");
        }
        catch (SqliteException exception)
        {
            throw new StorageUnusableException($"DATA_DIR: the database file {path} cannot be used: {exception.Message}", exception);
        }
    }
}
