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

    readonly SqliteFile file;
    readonly object gate = new();
    readonly Queue<Write> waiting = [];
    readonly SemaphoreSlim room = new(MaxWaiting);
    readonly Thread thread;
    SqliteStatements? statements;
    bool writing;
    bool handedOver;
    bool stopped;

    public SqliteWriter(SqliteFile file)
    {
        this.file = file;
        thread = new Thread(WriteWhatWaits) { IsBackground = true, Name = $"writer of {Path.GetFileName(file.Path)}" };
        thread.Start();
    }

    /// <summary>Transactions committed so far.</summary>
    public long Commits { get; private set; }

    /// <summary>
    /// Completes when the work is durable. It stands or falls alone: where it throws because of its own values, what was
    /// committed with it is committed without it. Any other exception means that the outcome is not known.
    /// </summary>
    /// <param name="work">Runs inside a transaction that others share, maybe more than once; then what it did before was undone.</param>
    /// <exception cref="ObjectDisposedException">The writer has stopped; nothing was written.</exception>
    public Task<T> Execute<T>(Func<SqliteStatements, T> work) => room.Wait(0) ? Start(work) : StartLater(work);

    public async ValueTask DisposeAsync()
    {
        await Task.Run(Stop);
        room.Dispose();
    }

    async Task<T> StartLater<T>(Func<SqliteStatements, T> work)
    {
        await room.WaitAsync();
        return await Start(work);
    }

    Task<T> Start<T>(Func<SqliteStatements, T> work)
    {
        var write = new Write<T>(work);
        lock (gate)
        {
            if (stopped)
                return Task.FromException<T>(new ObjectDisposedException(nameof(SqliteWriter)));
            if (writing)
            {
                waiting.Enqueue(write);
                return write.Result;
            }

            writing = true;
        }

        Commit([write]);
        lock (gate)
        {
            writing = handedOver = waiting.Count > 0;
            Monitor.PulseAll(gate);
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

    bool AwaitTurn()
    {
        lock (gate)
        {
            while (!handedOver && !stopped)
                Monitor.Wait(gate);
            var turn = handedOver;
            handedOver = false;
            return turn || writing;
        }
    }

    bool Take(List<Write> batch)
    {
        batch.Clear();
        lock (gate)
        {
            while (batch.Count < MaxBatch && waiting.TryDequeue(out var write))
                batch.Add(write);
            writing = batch.Count > 0;
            if (!writing)
                Monitor.PulseAll(gate);
            return writing;
        }
    }

    /// <summary>What was taken is still written.</summary>
    void Stop()
    {
        lock (gate)
        {
            stopped = true;
            while (writing)
                Monitor.Wait(gate);
            Monitor.PulseAll(gate);
        }

        thread.Join();
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

        room.Release(batch.Count);
        foreach (var write in batch)
            write.Complete(failure);
    }

    Exception? TryCommit(List<Write> batch)
    {
        try
        {
            statements ??= new SqliteStatements(file.OpenWriter());
            statements.Execute("BEGIN IMMEDIATE");
            foreach (var write in batch)
                write.Run(statements);
        }
        catch (Exception exception)
        {
            Undo();
            return exception;
        }

        try
        {
            statements.Execute("COMMIT");
            Commits++;
            return null;
        }
        catch (SqliteException exception)
        {
            // Whether it is on the disk is not known. A new connection finds out; so does everyone who reads again.
            Disconnect();
            return new IOException($"The commit to {file.Path} failed: {exception.Message}", exception);
        }
    }

    void Undo()
    {
        try
        {
            statements?.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            Disconnect();
        }
    }

    void Disconnect()
    {
        statements?.Dispose();
        statements = null;
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
        readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        T result = default!;

        public Task<T> Result => completion.Task;

        public override void Run(SqliteStatements statements) => result = work(statements);

        public override void Complete(Exception? failure)
        {
            if (failure is null)
                completion.SetResult(result);
            else
                completion.SetException(failure);
        }
    }
}
