using SessionManager.InProcess;

namespace SessionManager.Conformance;

/// <summary>A store in memory whose writes a test can hold up.</summary>
sealed class HeldStore(Probe probe) : IGrainStore
{
    readonly InMemoryGrainStore _inner = new();

    public string? Gate { get; set; }

    public Task StartAsync(CancellationToken cancellationToken) => _inner.StartAsync(cancellationToken);

    public Task StopAsync() => _inner.StopAsync();

    public ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken) => _inner.ReadAsync(key, cancellationToken);

    public async Task<string> WriteAsync(RecordKey key, ReadOnlyMemory<byte> data, string? etag, CancellationToken cancellationToken)
    {
        if (Gate is { } gate)
        {
            probe.Report("writing");
            await probe.Gate(gate);
        }

        return await _inner.WriteAsync(key, data, etag, cancellationToken);
    }

    public Task ClearAsync(RecordKey key, string? etag, CancellationToken cancellationToken) => _inner.ClearAsync(key, etag, cancellationToken);

    public Task<string> UpsertReminderAsync(StoredReminder reminder) => _inner.UpsertReminderAsync(reminder);

    public Task<bool> DeleteReminderAsync(GrainId grain, string name, string etag) => _inner.DeleteReminderAsync(grain, name, etag);

    public Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain) => _inner.ReadRemindersAsync(grain);
}
