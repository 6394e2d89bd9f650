using System.Collections.Concurrent;
using System.Globalization;

namespace SessionManager.Conformance;

/// <summary>A reminder table that outlives a silo.</summary>
sealed class RemindersInMemory : IReminderTable
{
    readonly ConcurrentDictionary<(GrainId, string), ReminderEntry> _entries = new();
    int _etag;

    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Task.FromResult(new ReminderTableData(_entries.Values.Where(entry => entry.GrainId == grainId)));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Task.FromResult(new ReminderTableData(_entries.Values.Where(entry =>
        entry.GrainId.GetUniformHashCode() is var hash && (begin < end ? hash > begin && hash <= end : hash > begin || hash <= end))));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        Task.FromResult(_entries.GetValueOrDefault((grainId, reminderName)));

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        entry.ETag = Interlocked.Increment(ref _etag).ToString(CultureInfo.InvariantCulture);
        _entries[(entry.GrainId, entry.ReminderName)] = entry;
        return Task.FromResult<string?>(entry.ETag);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Task.FromResult(
        _entries.TryGetValue((grainId, reminderName), out var entry) && entry.ETag == eTag && _entries.TryRemove((grainId, reminderName), out _));

    public Task TestOnlyClearTable()
    {
        _entries.Clear();
        return Task.CompletedTask;
    }
}
