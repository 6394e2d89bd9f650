using Orleans.Runtime;
using Orleans.Storage;
using SessionManager.InProcess;

namespace SessionManager.Conformance;

/// <summary>Lasts as long as the object does; engines that follow one another may share it.</summary>
public sealed class InMemoryGrainStore : IGrainStore
{
    readonly Lock _lock = new();
    readonly Dictionary<RecordKey, StoredRecord> _records = [];
    readonly Dictionary<(GrainId, string), StoredReminder> _reminders = [];
    long _etag;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync() => Task.CompletedTask;

    public ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken)
    {
        lock (_lock) return new(_records.GetValueOrDefault(key));
    }

    public Task<string> WriteAsync(RecordKey key, ReadOnlyMemory<byte> data, string? etag, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<string>(cancellationToken);
        lock (_lock)
        {
            if (Conflict(key, etag) is { } conflict) return Task.FromException<string>(conflict);
            var record = new StoredRecord(data.ToArray(), NextETag());
            _records[key] = record;
            return Task.FromResult(record.ETag);
        }
    }

    public Task ClearAsync(RecordKey key, string? etag, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled(cancellationToken);
        lock (_lock)
        {
            if (Conflict(key, etag) is { } conflict) return Task.FromException(conflict);
            _records.Remove(key);
            return Task.CompletedTask;
        }
    }

    public Task<string> UpsertReminderAsync(StoredReminder reminder)
    {
        ArgumentNullException.ThrowIfNull(reminder);
        lock (_lock)
        {
            var stored = reminder with { ETag = NextETag() };
            _reminders[(stored.Grain, stored.Name)] = stored;
            return Task.FromResult(stored.ETag);
        }
    }

    public Task<bool> DeleteReminderAsync(GrainId grain, string name, string etag)
    {
        lock (_lock)
        {
            return Task.FromResult(_reminders.TryGetValue((grain, name), out var stored) && stored.ETag == etag
                && _reminders.Remove((grain, name)));
        }
    }

    public Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<StoredReminder>>(
                [.. _reminders.Values.Where(reminder => grain is null || reminder.Grain == grain)]);
        }
    }

    InconsistentStateException? Conflict(RecordKey key, string? etag)
    {
        var stored = _records.GetValueOrDefault(key)?.ETag;
        return stored == etag ? null : new($"{key} was changed by another activation.", stored, etag);
    }

    string NextETag() => $"{++_etag}";
}
