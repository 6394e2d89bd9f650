using System.Collections.Concurrent;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// A store whose writes, whoever they come from, are committed together: one loop takes all that is queued and makes one
/// transaction of it, while the next ones queue. Conflicts are each write's own; any other failure is the whole transaction's.
/// </summary>
public abstract class GroupCommitStore : IGrainStore
{
    const int MostInOneCommit = 1024;
    readonly BlockingCollection<StoreCommand> _queue = [];
    readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long _commits;
    long _writes;
    bool _started;

    /// <summary>Transactions committed since the start.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Writes and deletes in them.</summary>
    public long Writes => Volatile.Read(ref _writes);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        _started = true;

        // A thread of its own: it blocks on the disk or the network.
        new Thread(Loop) { IsBackground = true, Name = "Grain store writer" }.Start();
    }

    public async Task StopAsync()
    {
        if (!_started) return;
        _queue.CompleteAdding();
        await _stopped.Task;
    }

    public abstract ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken);

    public async Task<string> WriteAsync(RecordKey key, ReadOnlyMemory<byte> data, string? etag, CancellationToken cancellationToken) =>
        (await Enqueue(new(StoreCommandKind.Write, key) { Data = data, ETag = etag }, cancellationToken))!;

    public Task ClearAsync(RecordKey key, string? etag, CancellationToken cancellationToken) =>
        Enqueue(new(StoreCommandKind.Clear, key) { ETag = etag }, cancellationToken);

    public async Task<string> UpsertReminderAsync(StoredReminder reminder)
    {
        ArgumentNullException.ThrowIfNull(reminder);
        return (await Enqueue(new(StoreCommandKind.UpsertReminder, new(reminder.Grain, reminder.Name)) { Reminder = reminder }, default))!;
    }

    public async Task<bool> DeleteReminderAsync(GrainId grain, string name, string etag) =>
        await Enqueue(new(StoreCommandKind.DeleteReminder, new(grain, name)) { ETag = etag }, default) is not null;

    public abstract Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain);

    private protected abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Carries out all of them, in order, in one transaction, and sets each one's result or conflict. If it throws, none has a
    /// known outcome.
    /// </summary>
    private protected abstract void Commit(List<StoreCommand> batch);

    private protected abstract void CloseStore();

    Task<string?> Enqueue(StoreCommand command, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<string?>(cancellationToken);
        try
        {
            _queue.Add(command, CancellationToken.None);
            return command.Done.Task;
        }
        catch (InvalidOperationException)
        {
            return Task.FromException<string?>(new SiloUnavailableException("The store is closed."));
        }
    }

    void Loop()
    {
        var batch = new List<StoreCommand>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MostInOneCommit && _queue.TryTake(out var next)) batch.Add(next);
            try
            {
                Commit(batch);
                Interlocked.Increment(ref _commits);
                Interlocked.Add(ref _writes, batch.Count);
                foreach (var command in batch) command.Complete();
            }
            catch (Exception exception)
            {
                // Whatever went wrong, the callers must hear of it and the loop must live on: the next commit may succeed.
                foreach (var command in batch) command.Done.TrySetException(StoreErrors.Unknown(exception));
            }

            batch.Clear();
        }

        try
        {
            CloseStore();
            _stopped.SetResult();
        }
        catch (Exception exception)
        {
            _stopped.SetException(exception);
        }
    }
}

enum StoreCommandKind
{
    Write,
    Clear,
    UpsertReminder,
    DeleteReminder,
}

/// <summary>A write on its way into a transaction.</summary>
sealed class StoreCommand(StoreCommandKind kind, RecordKey key)
{
    public StoreCommandKind Kind { get; } = kind;

    public RecordKey Key { get; } = key;

    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Expected.</summary>
    public string? ETag { get; init; }

    public StoredReminder? Reminder { get; init; }

    /// <summary>The new ETag; of a deleted reminder, its old one.</summary>
    public string? Result { get; set; }

    public Exception? Error { get; set; }

    public TaskCompletionSource<string?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Complete()
    {
        if (Error is null) Done.TrySetResult(Result);
        else Done.TrySetException(Error);
    }
}
