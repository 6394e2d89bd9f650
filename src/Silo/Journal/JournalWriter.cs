using System.Collections.Immutable;
using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using SessionManager.Sessions;

namespace SessionManager.Journal;

/// <summary>
/// All writes of this process, in the order they came: whatever is queued when the last commit is through goes into one
/// transaction. A writer meets a full queue by waiting, so memory is bounded whatever the database does.
/// </summary>
sealed class JournalWriter(JournalDatabase database, TimeProvider time) : ISessionJournal, IAuditJournal, IHostedService
{
    const int QueueLength = 8_192;
    const int MaxBatch = 512;

    readonly Channel<Entry> queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    Task writing = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.Migrate();
        writing = Task.Run(Write, CancellationToken.None);
    }

    /// <summary>What was queued is still written; what comes later is refused and stays in its session's outbox.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        return writing.WaitAsync(cancellationToken);
    }

    public Task Append(Session session, ImmutableArray<SessionEvent> events) => Enqueue(JournalStatements.Append(session, events));
    public Task Purged(string sessionId) => Enqueue([JournalStatements.Purged(sessionId, time.GetUtcNow())]);

    /// <summary>Completes when everything queued so far is written or has failed.</summary>
    public Task Drain() => Enqueue([]);

    async Task Enqueue(ImmutableArray<Statement> statements)
    {
        var entry = new Entry(statements);
        await queue.Writer.WriteAsync(entry);
        await entry.Written.Task;
    }

    async Task Write()
    {
        var batch = new List<Entry>();
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var entry))
                batch.Add(entry);
            await Write(batch);
            batch.Clear();
        }
    }

    async Task Write(List<Entry> batch)
    {
        if (await TryCommit(batch) is not { } failure)
            return;
        // One entry that the database will not have must not take the others with it: each is tried by itself.
        foreach (var entry in batch)
        {
            if (batch.Count > 1)
                failure = await TryCommit([entry]);
            if (failure is not null)
                entry.Written.TrySetException(failure);
        }
    }

    /// <summary>The reason why not, or null: then the entries are completed.</summary>
    async Task<Exception?> TryCommit(List<Entry> entries)
    {
        try
        {
            if (entries.Exists(entry => entry.Statements.Length > 0))
            {
                await using var connection = await database.OpenWriter();
                await Commit(connection, entries);
            }
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or IOException)
        {
            return exception;
        }

        foreach (var entry in entries)
            entry.Written.TrySetResult();
        return null;
    }

    static async Task Commit(DbConnection connection, List<Entry> entries)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var statements = entries.SelectMany(entry => entry.Statements);
        if (connection.CanCreateBatch)
            await Statement.ExecuteAtOnce(connection, transaction, statements);
        else
            Statement.ExecuteEach(connection, transaction, statements);
        await transaction.CommitAsync();
    }

    /// <summary>What one caller wrote, and the caller's wait for it.</summary>
    sealed record Entry(ImmutableArray<Statement> Statements)
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
