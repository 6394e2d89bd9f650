using Microsoft.Data.Sqlite;

namespace SessionManager.Storage.Sqlite;

/// <summary>
/// The file's only writer. While nobody writes, who comes first commits on its own thread: handing over to another one would
/// cost it two wake-ups. What comes meanwhile waits, and the writer's thread takes all of it into the next transaction. Nobody
/// is answered before the commit is on the disk.
/// </summary>
public sealed class SqliteWriter : IAsyncDisposable
{
    const int MaxBatch = 256;
    const int MaxWaiting = 8_192;
    const int TooBig = 18;
    const int ConstraintViolated = 19;
    const int Mismatch = 20;

    readonly SqliteFile _file;
    readonly object _gate = new();
    readonly Queue<Write> _waiting = [];
    readonly SemaphoreSlim _room = new(MaxWaiting);
    readonly Thread _thread;
    SqliteStatements? _statements;
    bool _writing;
    bool _handedOver;
    bool _stopped;

    public SqliteWriter(SqliteFile file)
    {
        _file = file;
        _thread = new Thread(WriteWhatWaits) { IsBackground = true, Name = $"writer of {Path.GetFileName(file.Path)}" };
        _thread.Start();
    }

    /// <summary>Transactions committed so far.</summary>
    public long Commits { get; private set; }

    /// <summary>
    /// Completes when the work is durable. It stands or falls alone: where it throws because of its own values, what was
    /// committed with it is committed without it. Any other exception means that the outcome is not known.
    /// </summary>
    /// <param name="work">Runs inside a transaction that others share, maybe more than once; then what it did before was undone.</param>
    /// <exception cref="ObjectDisposedException">The writer has stopped; nothing was written.</exception>
    public Task<T> Execute<T>(Func<SqliteStatements, T> work) => _room.Wait(0) ? Start(work) : StartLater(work);

    public async ValueTask DisposeAsync()
    {
        await Task.Run(Stop);
        _room.Dispose();
    }

    async Task<T> StartLater<T>(Func<SqliteStatements, T> work)
    {
        await _room.WaitAsync();
        return await Start(work);
    }

    Task<T> Start<T>(Func<SqliteStatements, T> work)
    {
        var write = new Write<T>(work);
        lock (_gate)
        {
            if (_stopped)
                return Task.FromException<T>(new ObjectDisposedException(nameof(SqliteWriter)));
            if (_writing)
            {
                _waiting.Enqueue(write);
                return write.Result;
            }

            _writing = true;
        }

        Commit([write]);
        lock (_gate)
        {
            _writing = _handedOver = _waiting.Count > 0;
            Monitor.PulseAll(_gate);
        }

        return write.Result;
    }

    void WriteWhatWaits()
    {
        var batch = new List<Write>();
        while (AwaitTurn())
        {
            while (Take(batch))
                Commit(batch);
        }
    }

    /// <summary>False: there will be no more. While a caller commits on its own thread, what comes meanwhile is still to be handed over.</summary>
    bool AwaitTurn()
    {
        lock (_gate)
        {
            while (!_handedOver && (_writing || !_stopped))
                Monitor.Wait(_gate);
            var turn = _handedOver;
            _handedOver = false;
            return turn;
        }
    }

    bool Take(List<Write> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            while (batch.Count < MaxBatch && _waiting.TryDequeue(out var write))
                batch.Add(write);
            _writing = batch.Count > 0;
            if (!_writing)
                Monitor.PulseAll(_gate);
            return _writing;
        }
    }

    /// <summary>What was taken is still written.</summary>
    void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            while (_writing)
                Monitor.Wait(_gate);
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
        Disconnect();
    }

    void Commit(List<Write> batch)
    {
        var failure = TryCommit(batch);
        if (failure is not null && batch.Count > 1 && IsOneWritesOwn(failure))
        {
            foreach (var write in batch)
                Commit([write]);
            return;
        }

        _room.Release(batch.Count);
        foreach (var write in batch)
            write.Complete(failure);
    }

    Exception? TryCommit(List<Write> batch)
    {
        try
        {
            _statements ??= new SqliteStatements(_file.OpenWriter());
            _statements.Execute("BEGIN IMMEDIATE");
            foreach (var write in batch)
                write.Run(_statements);
        }
        catch (Exception exception)
        {
            Undo();
            return exception;
        }

        try
        {
            _statements.Execute("COMMIT");
            Commits++;
            return null;
        }
        catch (SqliteException exception)
        {
            // Whether it is on the disk is not known. A new connection finds out; so does everyone who reads again.
            Disconnect();
            return new IOException($"The commit to {_file.Path} failed: {exception.Message}", exception);
        }
    }

    void Undo()
    {
        try
        {
            _statements?.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            Disconnect();
        }
    }

    void Disconnect()
    {
        _statements?.Dispose();
        _statements = null;
    }

    static bool IsOneWritesOwn(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is TooBig or ConstraintViolated or Mismatch,
        IOException => false,
        _ => true,
    };

    abstract class Write
    {
        public abstract void Run(SqliteStatements statements);

        /// <param name="failure">null: it is durable.</param>
        public abstract void Complete(Exception? failure);
    }

    /// <summary>What one caller wrote, and the caller's wait for it.</summary>
    sealed class Write<T>(Func<SqliteStatements, T> work) : Write
    {
        readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        T _result = default!;

        public Task<T> Result => _completion.Task;

        public override void Run(SqliteStatements statements) => _result = work(statements);

        public override void Complete(Exception? failure)
        {
            if (failure is null)
                _completion.SetResult(_result);
            else
                _completion.SetException(failure);
        }
    }
}
