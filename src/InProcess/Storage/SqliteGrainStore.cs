using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// State and reminders in one SQLite file, in WAL mode; a commit is on the disk before it is acknowledged. One process at a time
/// may use it, which a lock file beside it enforces.
/// </summary>
public sealed class SqliteGrainStore(string path) : GroupCommitStore
{
    const int SchemaVersion = 1;
    const string Schema = """
        CREATE TABLE grain_meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE grain_state (
            grain_type TEXT NOT NULL, grain_key TEXT NOT NULL, name TEXT NOT NULL,
            etag INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (grain_type, grain_key, name)) WITHOUT ROWID;
        CREATE TABLE grain_reminder (
            grain_type TEXT NOT NULL, grain_key TEXT NOT NULL, name TEXT NOT NULL,
            etag INTEGER NOT NULL, start_at INTEGER NOT NULL, period INTEGER NOT NULL,
            PRIMARY KEY (grain_type, grain_key, name)) WITHOUT ROWID;
        INSERT INTO grain_meta VALUES ('schema', 1), ('etag', 0);
        """;

    const string Row = "grain_type = $type AND grain_key = $key AND name = $name";

    readonly string _path = Path.GetFullPath(path);
    readonly ConcurrentBag<Statement> _readers = [];
    FileStream? _lock;
    SqliteConnection? _writer;
    Statement _insert = null!, _update = null!, _delete = null!, _current = null!;
    Statement _upsertReminder = null!, _deleteReminder = null!, _saveETag = null!;
    long _etag;

    public override ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken)
    {
        // Beside the writer, on the caller's thread: a look into the page cache is shorter than a hop to another thread.
        if (!_readers.TryTake(out var read)) read = new(Connect(), $"SELECT data, etag FROM grain_state WHERE {Row}");
        try
        {
            using var row = read.With(key).Read();
            return new(row.Read() ? new StoredRecord((byte[])row.GetValue(0), ETags.Text(row.GetInt64(1))) : null);
        }
        finally
        {
            _readers.Add(read);
        }
    }

    public override async Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain)
    {
        await using var connection = Connect();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT grain_type, grain_key, name, start_at, period, etag FROM grain_reminder"
            + (grain is null ? "" : " WHERE grain_type = $type AND grain_key = $key");
        if (grain is { } one)
        {
            command.Parameters.AddWithValue("$type", one.Type.ToString());
            command.Parameters.AddWithValue("$key", one.Key.ToString());
        }

        var reminders = new List<StoredReminder>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            reminders.Add(new(GrainId.Create(row.GetString(0), row.GetString(1)), row.GetString(2),
                new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero), TimeSpan.FromTicks(row.GetInt64(4)), ETags.Text(row.GetInt64(5))));
        }

        return reminders;
    }

    private protected override Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            _lock = Lock();
            _writer = Connect();
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            Migrate();
            Prepare();
            return Task.CompletedTask;
        }
        catch (Exception exception)
        {
            CloseStore();
            throw exception switch
            {
                StorageUnusableException => exception,
                SqliteException { SqliteErrorCode: 11 or 26 } => new StorageUnusableException(
                    $"{_path} is damaged or no database. Restore it from a backup, or move it away to begin empty.", exception),
                SqliteException or IOException or UnauthorizedAccessException => new StorageUnusableException(
                    $"{_path} cannot be opened for writing ({exception.Message}). Check the folder's permissions and free space, or configure another file.", exception),
                _ => exception,
            };
        }
    }

    private protected override void Commit(List<StoreCommand> batch)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var command in batch)
            {
                try
                {
                    Apply(command);
                }
                catch (SqliteException exception) when (exception.SqliteErrorCode is 18 or 19)
                {
                    // Too big, or a constraint: SQLite has undone this statement and nothing else.
                    command.Error = StoreErrors.Refused(command.Key, exception);
                }
            }

            _saveETag.Set("$etag", _etag).Execute();
            Execute("COMMIT");
        }
        catch
        {
            try
            {
                Execute("ROLLBACK");
            }
            catch (SqliteException)
            {
                // Some failures roll back by themselves; then there is no transaction left to end.
            }

            throw;
        }
    }

    private protected override void CloseStore()
    {
        while (_readers.TryTake(out var reader)) reader.Connection.Dispose();
        _writer?.Dispose();
        _lock?.Dispose();
    }

    void Apply(StoreCommand command)
    {
        switch (command.Kind)
        {
            case StoreCommandKind.Write:
                var next = ++_etag;
                var write = (command.ETag is null ? _insert : _update.Set("$old", ETags.Number(command.ETag))).With(command.Key);
                var written = write.Set("$etag", next).Set("$data", command.Data.ToArray()).Execute();
                command.Result = ETags.Text(next);
                if (written == 0) command.Error = Conflict(command);
                break;
            case StoreCommandKind.Clear:
                var deleted = _delete.With(command.Key).Set("$old", ETags.Number(command.ETag)).Execute();
                if (deleted == 0 && (command.ETag is not null || StoredETag(command) is not null)) command.Error = Conflict(command);
                break;
            case StoreCommandKind.UpsertReminder:
                var reminder = command.Reminder!;
                _upsertReminder.With(command.Key).Set("$etag", ++_etag).Set("$start", reminder.StartAt.UtcTicks)
                    .Set("$period", reminder.Period.Ticks).Execute();
                command.Result = ETags.Text(_etag);
                break;
            case StoreCommandKind.DeleteReminder:
                command.Result = _deleteReminder.With(command.Key).Set("$old", ETags.Number(command.ETag)).Execute() > 0 ? command.ETag : null;
                break;
        }
    }

    string? StoredETag(StoreCommand command)
    {
        using var row = _current.With(command.Key).Read();
        return row.Read() ? ETags.Text(row.GetInt64(0)) : null;
    }

    Orleans.Storage.InconsistentStateException Conflict(StoreCommand command) =>
        StoreErrors.Conflict(command.Key, StoredETag(command), command.ETag);

    FileStream Lock()
    {
        var file = _path + ".lock";
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(file))
        {
            throw new StorageUnusableException($"{_path} is in use by another process. Stop that one, or configure another file.", exception);
        }
    }

    SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 5 }.ToString());
        connection.Open();
        return connection;
    }

    void Migrate()
    {
        using var exists = new Statement(_writer!, "SELECT count(*) FROM sqlite_master WHERE name = 'grain_meta'");
        if (exists.Scalar() == 0) Execute($"BEGIN IMMEDIATE; {Schema} COMMIT;");
        using var version = new Statement(_writer!, "SELECT value FROM grain_meta WHERE key = 'schema'");
        if (version.Scalar() is var found && found != SchemaVersion)
            throw new StorageUnusableException($"{_path} has schema {found}, this version knows {SchemaVersion}. Use the version that wrote it, or a newer one.");
        using var etag = new Statement(_writer!, "SELECT value FROM grain_meta WHERE key = 'etag'");
        _etag = etag.Scalar();
    }

    void Prepare()
    {
        _insert = new(_writer!, "INSERT INTO grain_state VALUES ($type, $key, $name, $etag, $data) ON CONFLICT DO NOTHING");
        _update = new(_writer!, $"UPDATE grain_state SET etag = $etag, data = $data WHERE {Row} AND etag = $old");
        _delete = new(_writer!, $"DELETE FROM grain_state WHERE {Row} AND etag = $old");
        _current = new(_writer!, $"SELECT etag FROM grain_state WHERE {Row}");
        _upsertReminder = new(_writer!, "INSERT OR REPLACE INTO grain_reminder VALUES ($type, $key, $name, $etag, $start, $period)");
        _deleteReminder = new(_writer!, $"DELETE FROM grain_reminder WHERE {Row} AND etag = $old");
        _saveETag = new(_writer!, "UPDATE grain_meta SET value = $etag WHERE key = 'etag'");
    }

    void Execute(string sql)
    {
        using var command = _writer!.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A prepared statement with named parameters, for reuse on its connection.</summary>
    sealed class Statement : IDisposable
    {
        readonly SqliteCommand _command;

        public Statement(SqliteConnection connection, string sql)
        {
            Connection = connection;
            _command = connection.CreateCommand();
            _command.CommandText = sql;
        }

        public SqliteConnection Connection { get; }

        public Statement With(RecordKey key) =>
            Set("$type", key.Grain.Type.ToString()).Set("$key", key.Grain.Key.ToString()).Set("$name", key.Name);

        public Statement Set(string name, object value)
        {
            if (_command.Parameters.Contains(name)) _command.Parameters[name].Value = value;
            else _command.Parameters.AddWithValue(name, value);
            return this;
        }

        public int Execute() => _command.ExecuteNonQuery();

        public long Scalar() => (long)(_command.ExecuteScalar() ?? -1L);

        public SqliteDataReader Read() => _command.ExecuteReader();

        public void Dispose() => _command.Dispose();
    }
}
