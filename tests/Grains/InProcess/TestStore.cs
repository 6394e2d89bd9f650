using System.Collections.Concurrent;
using Orleans.Runtime;
using SessionManager.Conformance;
using SessionManager.InProcess;

namespace SessionManager.Grains.Tests;

/// <summary>A store in memory that counts its writes, and whose writes can be held up or made to fail.</summary>
sealed class TestStore : IGrainStore
{
    readonly InMemoryGrainStore _store = new();
    readonly ConcurrentDictionary<RecordKey, int> _writes = new();

    /// <summary>Every write waits for this; with an exception in it, nothing is written.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Writes(string type, string key) => _writes.GetValueOrDefault(new RecordKey(GrainId.Create(type, key), type));

    public async Task<string> WriteAsync(RecordKey key, ReadOnlyMemory<byte> data, string? etag, CancellationToken cancellationToken)
    {
        await Gate;
        _writes.AddOrUpdate(key, 1, (_, count) => count + 1);
        return await _store.WriteAsync(key, data, etag, cancellationToken);
    }

    /// <summary>Replaces a record, as another activation of the grain somewhere else would.</summary>
    public async Task Overwrite<T>(string type, string key, T record)
    {
        var name = new RecordKey(GrainId.Create(type, key), type);
        var etag = (await _store.ReadAsync(name, default))?.ETag;
        await _store.WriteAsync(name, new Conformance.JsonStateSerializer().Serialize(record), etag, default);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _store.StartAsync(cancellationToken);

    public Task StopAsync() => _store.StopAsync();

    public ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken) => _store.ReadAsync(key, cancellationToken);

    public Task ClearAsync(RecordKey key, string? etag, CancellationToken cancellationToken) => _store.ClearAsync(key, etag, cancellationToken);

    public Task<string> UpsertReminderAsync(StoredReminder reminder) => _store.UpsertReminderAsync(reminder);

    public Task<bool> DeleteReminderAsync(GrainId grain, string name, string etag) => _store.DeleteReminderAsync(grain, name, etag);

    public Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain) => _store.ReadRemindersAsync(grain);
}
