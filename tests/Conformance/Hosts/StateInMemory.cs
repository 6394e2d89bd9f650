using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Storage;

namespace SessionManager.Conformance;

/// <summary>Grain storage that outlives a silo.</summary>
sealed class StateInMemory(Probe probe) : IGrainStorage
{
    readonly ConcurrentDictionary<(GrainId, string), (string ETag, BinaryData Data)> _records = new();
    readonly JsonStateSerializer _serializer = new();
    int _etag;

    public string? Gate { get; set; }

    public void Overwrite<T>(GrainId grain, string name, T state) => _records[(grain, name)] = (NextETag(), _serializer.Serialize(state));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.RecordExists = _records.TryGetValue((grainId, stateName), out var record);
        grainState.State = grainState.RecordExists ? _serializer.Deserialize<T>(record.Data)! : Activator.CreateInstance<T>();
        grainState.ETag = record.ETag;
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var data = _serializer.Serialize(grainState.State);
        if (Gate is { } gate)
        {
            probe.Report("writing");
            await probe.Gate(gate);
        }

        Check(grainId, stateName, grainState.ETag);
        var etag = NextETag();
        _records[(grainId, stateName)] = (etag, data);
        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(grainId, stateName, grainState.ETag);
        _records.TryRemove((grainId, stateName), out _);
        grainState.ETag = null;
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
        return Task.CompletedTask;
    }

    void Check(GrainId grain, string name, string? etag)
    {
        var stored = _records.TryGetValue((grain, name), out var record) ? record.ETag : null;
        if (stored != etag) throw new InconsistentStateException("conflict", stored, etag);
    }

    string NextETag() => Interlocked.Increment(ref _etag).ToString(CultureInfo.InvariantCulture);
}
