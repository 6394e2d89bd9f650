using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using SessionManager.Storage;

namespace SessionManager.Simulation;

/// <summary>What grains keep besides sessions: their records, by ETag, and the reminders.</summary>
sealed class GrainRecords(FaultyDatabase database, bool throughJson) : IGrainStorage, IReminderTable
{
    static readonly GrainStateSerializer Json = new();
    readonly Dictionary<(GrainId Grain, string Name), (object Record, string ETag)> _records = [];
    readonly SortedDictionary<(string Grain, string Name), ReminderEntry> _reminders = [];
    long _etag;

    /// <summary>A record has changed; null stands for none.</summary>
    public Action<GrainId, object?>? OnWritten { get; init; }

    public IEnumerable<ReminderEntry> Reminders => _reminders.Values;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (record, etag) = await database.Read($"{grainId}", () => _records.GetValueOrDefault((grainId, stateName)));
        grainState.State = record is null ? Activator.CreateInstance<T>() : (T)record;
        grainState.RecordExists = record is not null;
        grainState.ETag = etag;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // Records never change once made, so the objects themselves are kept; in some worlds every one goes through the real format.
        object record = throughJson ? Json.Deserialize<T>(Json.Serialize(grainState.State))! : grainState.State!;
        var expected = grainState.ETag;
        grainState.ETag = await database.Write($"{grainId}", () =>
        {
            Expect((grainId, stateName), expected);
            var next = NextETag();
            _records[(grainId, stateName)] = (record, next);
            OnWritten?.Invoke(grainId, record);
            return next;
        });
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var expected = grainState.ETag;
        await database.Write($"{grainId}", () =>
        {
            Expect((grainId, stateName), expected);
            _records.Remove((grainId, stateName));
            OnWritten?.Invoke(grainId, null);
            return true;
        });
        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
        grainState.ETag = null;
    }

    public Task<string?> UpsertRow(ReminderEntry entry) => database.Write($"reminder of {entry.GrainId}", () =>
    {
        var etag = NextETag();
        _reminders[(entry.GrainId.ToString(), entry.ReminderName)] = new ReminderEntry
        {
            GrainId = entry.GrainId,
            ReminderName = entry.ReminderName,
            StartAt = entry.StartAt,
            Period = entry.Period,
            ETag = etag,
        };
        return (string?)etag;
    });

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => database.Write($"reminder of {grainId}", () =>
    {
        var key = (grainId.ToString(), reminderName);
        return _reminders.TryGetValue(key, out var stored) && stored.ETag == eTag && _reminders.Remove(key);
    });

    public Task<ReminderTableData> ReadRows(GrainId grainId) => ReadRows(grainId.ToString());

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => ReadRows(null);

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => throw new NotSupportedException();

    public Task TestOnlyClearTable() => throw new NotSupportedException();

    Task<ReminderTableData> ReadRows(string? grain) => database.Read(
        "reminders",
        () => new ReminderTableData([.. _reminders.Where(reminder => grain is null || reminder.Key.Grain == grain).Select(reminder => reminder.Value)]));

    void Expect((GrainId Grain, string Name) key, string? etag)
    {
        var stored = _records.TryGetValue(key, out var record) ? record.ETag : null;
        if (stored != etag)
            throw new InconsistentStateException($"{key.Grain} has changed.", stored, etag);
    }

    string NextETag() => (++_etag).ToString(CultureInfo.InvariantCulture);
}
