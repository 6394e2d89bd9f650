using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace SessionManager.InProcess;

/// <summary>
/// State and reminders in one SQLite file, in WAL mode; a commit is on the disk before it is acknowledged. One process at a time
/// may use it, which a lock file beside it enforces.
/// </summary>
public sealed class SqliteGrainStore(string path) : SqlGrainStore
{
    readonly string _path = Path.GetFullPath(path);
    readonly ConcurrentBag<SqliteCommand> _readers = [];
    readonly Dictionary<string, SqliteCommand> _prepared = [];
    FileStream? _lock;
    SqliteConnection? _writer;
    long _etag;

    private protected override string Place => _path;

    public override ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken)
    {
        // Beside the writer, on the caller's thread: a look into the page cache is shorter than a hop to another thread.
        if (!_readers.TryTake(out var read)) read = new(Select, Connect());
        try
        {
            Set(read, KeyValues(key));
            using var row = read.ExecuteReader();
            return new(row.Read() ? Record(row) : null);
        }
        finally
        {
            _readers.Add(read);
        }
    }

    private protected override long Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _lock = Lock();
        _writer = Connect();

        // SQLite has no sequences; the statements' nextval is this counter, kept in the table.
        _writer.CreateFunction("nextval", (string _) => ++_etag);
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        if (Execute("SELECT 1 FROM sqlite_master WHERE name = 'grain_meta'") is null)
            Execute($"BEGIN IMMEDIATE; {Tables("blob", " WITHOUT ROWID")} INSERT INTO grain_meta VALUES ('etag', 0); COMMIT");
        _etag = (long)Execute("SELECT value FROM grain_meta WHERE key = 'etag'")!;
        return (long)Execute("SELECT value FROM grain_meta WHERE key = 'schema'")!;
    }

    private protected override void Commit(List<StoreCommand> batch)
    {
        using var transaction = _writer!.BeginTransaction();
        foreach (var command in batch) command.Result = Execute(command.Sql, command.Values, transaction) is long etag ? Text(etag) : null;
        Execute("UPDATE grain_meta SET value = @etag WHERE key = 'etag'", [("@etag", _etag)], transaction);
        transaction.Commit();
    }

    private protected override void Close()
    {
        while (_readers.TryTake(out var reader)) reader.Connection!.Dispose();
        _writer?.Dispose();
        _lock?.Dispose();
    }

    private protected override Task<DbConnection> ConnectAsync() => Task.FromResult<DbConnection>(Connect());

    private protected override bool IsRefusal(Exception exception) => exception is SqliteException { SqliteErrorCode: 18 or 19 };

    private protected override string? Diagnose(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: 11 or 26 } => "is damaged or no database. Restore it from a backup, or move it away to begin empty.",
        IOException when _lock is null && File.Exists(_path + ".lock") => "is in use by another process. Stop that one, or configure another file.",
        SqliteException or IOException or UnauthorizedAccessException =>
            $"cannot be opened for writing ({exception.Message}). Check the folder's permissions and free space, or configure another file.",
        _ => null,
    };

    SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 5 }.ToString());
        connection.Open();
        return connection;
    }

    FileStream Lock() => new(_path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <returns>The first value of the first row; null where there is none.</returns>
    object? Execute(string sql, (string Name, object Value)[]? values = null, SqliteTransaction? transaction = null)
    {
        if (!_prepared.TryGetValue(sql, out var command)) _prepared[sql] = command = new(sql, _writer);
        command.Transaction = transaction;
        Set(command, values ?? []);
        return command.ExecuteScalar();
    }
}
