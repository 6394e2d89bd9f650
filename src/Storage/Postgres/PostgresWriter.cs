using Npgsql;

namespace SessionManager.Storage.Postgres;

/// <summary>
/// All writes of this process, on a connection of their own. While nobody writes, who comes first sends its write itself: another
/// thread would have to be woken for it. What comes meanwhile waits, and when the commit is through goes together into the next:
/// no write waits for company, and none waits for more than one commit that it is not part of.
/// </summary>
sealed class PostgresWriter : IAsyncDisposable
{
    const int MaxBatch = 256;
    const int MaxWaiting = 8_192;

    /// <summary>
    /// The statements join a few rows to large tables by their keys. Other plans would be right for none of them, and to plan anew
    /// or to compile would cost more than the statement.
    /// </summary>
    const string Settings =
        """
        SET enable_hashjoin = off;
        SET enable_mergejoin = off;
        SET enable_seqscan = off;
        SET plan_cache_mode = force_generic_plan;
        SET jit = off
        """;

    readonly NpgsqlDataSource _source;
    readonly object _gate = new();
    readonly Queue<PendingWrite> _waiting = [];
    readonly SemaphoreSlim _room = new(MaxWaiting);
    readonly List<PendingWrite> _batch = [];
    readonly HashSet<string> _sessions = new(StringComparer.Ordinal);
    readonly Dictionary<(bool Inserts, bool Updates), CommitBatch> _prepared = [];
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    NpgsqlConnection? _connection;
    bool _writing;
    bool _stopped;

    public PostgresWriter(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        (builder.ConnectionStringBuilder.Pooling, builder.ConnectionStringBuilder.MaxAutoPrepare) = (false, 0);
        // Each caller has a span of its own (StorageTracing).
        builder.ConfigureTracing(tracing => tracing.ConfigureBatchFilter(_ => false).ConfigureCommandFilter(_ => false));
        _source = builder.Build();
    }

    /// <summary>Transactions committed so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Whether it was written; false: it was refused. Where the queue is full, waits for room first.</summary>
    /// <exception cref="ObjectDisposedException">The writer has stopped; nothing was written.</exception>
    public Task<bool> Write(PendingWrite write) => _room.Wait(0) ? Start(write) : StartLater(write);

    /// <summary>What was queued is still written; what comes later is refused.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            if (!_writing)
                _ended.TrySetResult();
        }

        await _ended.Task;
        await Disconnect();
        await _source.DisposeAsync();
        _room.Dispose();
    }

    async Task<bool> StartLater(PendingWrite write)
    {
        await _room.WaitAsync().ConfigureAwait(false);
        return await Start(write).ConfigureAwait(false);
    }

    Task<bool> Start(PendingWrite write)
    {
        lock (_gate)
        {
            if (_stopped)
                return Task.FromException<bool>(new ObjectDisposedException(nameof(PostgresWriter)));
            _waiting.Enqueue(write);
            if (_writing)
                return write.Written;
            _writing = true;
        }

        // What the first caller's request carries along is none of the later ones' business.
        if (ExecutionContext.IsFlowSuppressed())
            _ = WriteWhatWaits();
        else
            using (ExecutionContext.SuppressFlow())
                _ = WriteWhatWaits();
        return write.Written;
    }

    async Task WriteWhatWaits()
    {
        while (Take())
            await Commit(_batch).ConfigureAwait(false);
    }

    /// <summary>
    /// One write of a session a commit: of two that were decided on the same version the first is written, and the second refused
    /// when it is there.
    /// </summary>
    bool Take()
    {
        _batch.Clear();
        _sessions.Clear();
        lock (_gate)
        {
            while (_batch.Count < MaxBatch && _waiting.TryPeek(out var write) && _sessions.Add(write.SessionId))
                _batch.Add(_waiting.Dequeue());
            _writing = _batch.Count > 0;
            if (!_writing && _stopped)
                _ended.TrySetResult();
        }

        if (_batch.Count > 0)
            _room.Release(_batch.Count);
        // In one order everywhere, so that two writers of one row wait for one another and never each for the other.
        _batch.Sort((one, other) => string.CompareOrdinal(one.SessionId, other.SessionId));
        return _batch.Count > 0;
    }

    async Task Commit(List<PendingWrite> writes)
    {
        try
        {
            foreach (var write in writes)
                write.BatchSize = writes.Count;
            var statements = await Prepared(writes).ConfigureAwait(false);
            var written = await statements.Commit(writes).ConfigureAwait(false);
            Commits++;
            foreach (var write in writes)
                write.Complete(written.Contains(write.SessionId));
        }
        catch (PostgresException exception) when (writes.Count > 1 && NothingWritten(exception))
        {
            // One of them is to blame, and must not take the others with it.
            foreach (var write in writes)
                await Commit([write]).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (writes is [{ IsNew: true }] && IsDuplicate(exception))
        {
            writes[0].Complete(false);
        }
        catch (Exception exception)
        {
            // Where the connection broke, whether it is written is not known. Whoever reads again finds out.
            if (exception is not PostgresException || _connection?.FullState != System.Data.ConnectionState.Open)
                await Disconnect().ConfigureAwait(false);
            foreach (var write in writes)
                write.Fail(exception);
        }
    }

    async ValueTask<CommitBatch> Prepared(List<PendingWrite> writes)
    {
        if (_connection is null)
        {
            var opened = _source.CreateConnection();
            try
            {
                await opened.OpenAsync().ConfigureAwait(false);
                await using var settings = new NpgsqlCommand(Settings, opened);
                await settings.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
            catch
            {
                await opened.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            _connection = opened;
        }

        var kinds = (writes.Exists(write => write.IsNew), writes.Exists(write => !write.IsNew));
        if (!_prepared.TryGetValue(kinds, out var statements))
            _prepared.Add(kinds, statements = await CommitBatch.Prepare(_connection, kinds.Item1, kinds.Item2).ConfigureAwait(false));
        return statements;
    }

    async ValueTask Disconnect()
    {
        foreach (var statements in _prepared.Values)
            statements.Dispose();
        _prepared.Clear();
        if (_connection is not null)
            await _connection.DisposeAsync();
        _connection = null;
    }

    /// <summary>Bad values, a duplicate, or a deadlock: the server says that the transaction is undone.</summary>
    static bool NothingWritten(PostgresException exception) => exception.SqlState[..2] is "22" or "23" or "40" or "54";

    static bool IsDuplicate(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "sessions" };
}
