using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.InProcess;

/// <summary>
/// A store in a SQL database. Writes, whoever they come from, are committed together: one loop takes all that is queued and makes
/// one transaction of it, while the next ones queue.
/// </summary>
public abstract class SqlGrainStore : IGrainStore
{
    const int SchemaVersion = 1;
    const int MostInOneCommit = 1024;
    const string Row = "grain_type = @type AND grain_key = @key AND name = @name";
    private protected const string Select = $"SELECT data, etag FROM grain_state WHERE {Row}";

    readonly BlockingCollection<StoreCommand> _queue = [];
    Task? _loop;

    /// <summary>Transactions committed since the start.</summary>
    public long Commits { get; private set; }

    /// <summary>Writes and deletes in them.</summary>
    public long Writes { get; private set; }

    /// <summary>The database, as an administrator knows it.</summary>
    private protected abstract string Place { get; }

    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(Start, cancellationToken);

    public async Task StopAsync()
    {
        _queue.CompleteAdding();
        if (_loop is not null) await _loop;
    }

    public abstract ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken);

    public async Task<string> WriteAsync(RecordKey key, ReadOnlyMemory<byte> data, string? etag, CancellationToken cancellationToken)
    {
        var sql = etag is null
            ? "INSERT INTO grain_state VALUES (@type, @key, @name, nextval('grain_etag'), @data) ON CONFLICT DO NOTHING RETURNING etag"
            : $"UPDATE grain_state SET etag = nextval('grain_etag'), data = @data WHERE {Row} AND etag = @old RETURNING etag";
        return await Enqueue(key, sql, [("@old", Number(etag)), ("@data", data.ToArray())], cancellationToken) ?? throw await ConflictAsync(key, etag);
    }

    public async Task ClearAsync(RecordKey key, string? etag, CancellationToken cancellationToken)
    {
        var sql = etag is null ? $"SELECT etag FROM grain_state WHERE {Row}" : $"DELETE FROM grain_state WHERE {Row} AND etag = @old RETURNING etag";
        var found = await Enqueue(key, sql, [("@old", Number(etag))], cancellationToken);
        if (found is null != etag is null) throw await ConflictAsync(key, etag);
    }

    public async Task<string> UpsertReminderAsync(StoredReminder reminder)
    {
        ArgumentNullException.ThrowIfNull(reminder);
        const string Sql = """
            INSERT INTO grain_reminder VALUES (@type, @key, @name, nextval('grain_etag'), @start, @period)
            ON CONFLICT (grain_type, grain_key, name)
            DO UPDATE SET etag = excluded.etag, start_at = excluded.start_at, period = excluded.period RETURNING etag
            """;
        return (await Enqueue(new(reminder.Grain, reminder.Name), Sql, [("@start", reminder.StartAt.UtcTicks), ("@period", reminder.Period.Ticks)]))!;
    }

    public async Task<bool> DeleteReminderAsync(GrainId grain, string name, string etag) =>
        await Enqueue(new(grain, name), $"DELETE FROM grain_reminder WHERE {Row} AND etag = @old RETURNING etag", [("@old", Number(etag))]) is not null;

    public async Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT grain_type, grain_key, name, start_at, period, etag FROM grain_reminder";
        if (grain is { } one)
        {
            command.CommandText += " WHERE grain_type = @type AND grain_key = @key";
            Set(command, KeyValues(new(one, "")));
        }

        var reminders = new List<StoredReminder>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            reminders.Add(new(GrainId.Create(row.GetString(0), row.GetString(1)), row.GetString(2),
                new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero), TimeSpan.FromTicks(row.GetInt64(4)), Text(row.GetInt64(5))));
        }

        return reminders;
    }

    /// <summary>Makes the store ready, its tables too where they are missing, and returns the version they have.</summary>
    private protected abstract long Open();

    private protected abstract void Close();

    private protected abstract Task<DbConnection> ConnectAsync();

    /// <summary>Carries out all of them, in order, in one transaction, and sets each one's result: what its statement returned.</summary>
    private protected abstract void Commit(List<StoreCommand> batch);

    /// <summary>Whether the database has turned a value down (unfit, too big, against a constraint) and undone the transaction.</summary>
    private protected abstract bool IsRefusal(Exception exception);

    /// <summary>What an administrator is told of a failure to open; null of one that is no fault of the database.</summary>
    private protected abstract string? Diagnose(Exception exception);

    private protected static string Tables(string blob, string options) => $"""
        CREATE TABLE grain_meta (key text PRIMARY KEY, value bigint NOT NULL){options};
        CREATE TABLE grain_state (
            grain_type text NOT NULL, grain_key text NOT NULL, name text NOT NULL, etag bigint NOT NULL, data {blob} NOT NULL,
            PRIMARY KEY (grain_type, grain_key, name)){options};
        CREATE TABLE grain_reminder (
            grain_type text NOT NULL, grain_key text NOT NULL, name text NOT NULL, etag bigint NOT NULL,
            start_at bigint NOT NULL, period bigint NOT NULL,
            PRIMARY KEY (grain_type, grain_key, name)){options};
        INSERT INTO grain_meta VALUES ('schema', {SchemaVersion});
        """;

    private protected static StoredRecord Record(DbDataReader row) => new((byte[])row.GetValue(0), Text(row.GetInt64(1)));

    private protected static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    private protected static (string Name, object Value)[] KeyValues(RecordKey key) =>
        [("@type", key.Grain.Type.ToString()), ("@key", key.Grain.Key.ToString()), ("@name", key.Name)];

    private protected static void Set(DbCommand command, IEnumerable<(string Name, object Value)> values)
    {
        foreach (var (name, value) in values)
        {
            if (!command.Parameters.Contains(name))
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            command.Parameters[name].Value = value;
        }
    }

    /// <summary>-1, which no record has, for text that is no ETag of ours.</summary>
    static long Number(string? etag) => long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    async Task<InconsistentStateException> ConflictAsync(RecordKey key, string? expected)
    {
        var stored = (await ReadAsync(key, default))?.ETag;
        return new($"'{key.Name}' of {key.Grain} was changed by another activation (stored {stored ?? "none"}, expected {expected ?? "none"}).", stored, expected);
    }

    async Task<string?> Enqueue(RecordKey key, string sql, (string Name, object Value)[] values, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var command = new StoreCommand(key, sql, [.. KeyValues(key), .. values]);
        try
        {
            _queue.Add(command, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new SiloUnavailableException("The store is closed.");
        }

        return await command.Done.Task;
    }

    void Start()
    {
        try
        {
            if (Open() is var found && found != SchemaVersion)
                throw new StorageUnusableException($"{Place} has schema {found}, this version knows {SchemaVersion}. Use the version that wrote it, or a newer one.");
        }
        catch (Exception exception)
        {
            Close();
            if (Diagnose(exception) is not { } diagnosis) throw;
            throw new StorageUnusableException($"{Place} {diagnosis}", exception);
        }

        // A thread of its own: it blocks on the disk or the network.
        _loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    void Loop()
    {
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            var batch = new List<StoreCommand> { first };
            while (batch.Count < MostInOneCommit && _queue.TryTake(out var next)) batch.Add(next);
            Carry(batch);
        }

        Close();
    }

    /// <summary>Whatever goes wrong, the callers hear of it and the loop lives on: the next commit may succeed.</summary>
    void Carry(List<StoreCommand> batch)
    {
        try
        {
            Commit(batch);
            Commits++;
            Writes += batch.Count;
            foreach (var command in batch) command.Done.SetResult(command.Result);
        }
        catch (Exception exception) when (batch.Count > 1 && IsRefusal(exception))
        {
            // One was refused and so all were undone: each alone, then, and only the refused one fails.
            foreach (var command in batch) Carry([command]);
        }
        catch (Exception exception)
        {
            var cause = IsRefusal(exception) ? $"'{batch[0].Key.Name}' of {batch[0].Key.Grain} was not written" : "The write may or may not have happened";
            foreach (var command in batch) command.Done.SetException(new OrleansException($"{cause}: {exception.Message}", exception));
        }
    }
}

/// <summary>A statement on its way into a transaction.</summary>
sealed record StoreCommand(RecordKey Key, string Sql, (string Name, object Value)[] Values)
{
    /// <summary>The ETag that the statement returned; null where it found no row.</summary>
    public string? Result { get; set; }

    public TaskCompletionSource<string?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
