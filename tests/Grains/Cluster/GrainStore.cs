using System.Collections.Concurrent;
using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.Tests.Cluster;

/// <summary>
/// Grain state in memory, which outlives every silo. Writes are counted, can be held up or made to fail, and a record can be replaced
/// behind its grain's back. Records are immutable, so none is copied; how they are serialized is tested where that is done.
/// </summary>
sealed class GrainStore : IGrainStorage
{
    readonly ConcurrentDictionary<(GrainId, string), (string ETag, object State)> _records = new();
    readonly ConcurrentDictionary<GrainId, int> _writes = new();
    readonly ConcurrentDictionary<GrainId, Gate> _gates = new();
    int _etag;

    /// <summary>Writes of this grain that were kept.</summary>
    public int Writes(IAddressable grain) => _writes.GetValueOrDefault(grain.GetGrainId());

    /// <summary>From now on this grain's writes wait until the gate is opened; with a failure, they were never made.</summary>
    public Gate Hold(IAddressable grain) => _gates[grain.GetGrainId()] = new Gate();

    public void Fail(IAddressable grain, Exception failure) => Hold(grain).Open(failure);

    public void LetThrough(IAddressable grain) => _gates.TryRemove(grain.GetGrainId(), out _);

    /// <summary>Replaces a record, as another activation of the grain somewhere else would.</summary>
    public void Overwrite<T>(IAddressable grain, string name, T state) where T : notnull => _records[(grain.GetGrainId(), name)] = (NextETag(), state);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.RecordExists = _records.TryGetValue((grainId, stateName), out var record);
        grainState.State = grainState.RecordExists ? (T)record.State : Activator.CreateInstance<T>();
        grainState.ETag = record.ETag;
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var state = grainState.State!;
        await Pass(grainId);
        var next = NextETag();
        Replace(grainId, stateName, grainState.ETag, (next, state));
        _writes.AddOrUpdate(grainId, 1, (_, count) => count + 1);
        (grainState.ETag, grainState.RecordExists) = (next, true);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Pass(grainId);
        Replace(grainId, stateName, grainState.ETag, null);
        (grainState.ETag, grainState.RecordExists, grainState.State) = (null, false, Activator.CreateInstance<T>());
    }

    Task Pass(GrainId grain) => _gates.TryGetValue(grain, out var gate) ? gate.Pass() : Task.CompletedTask;

    void Replace(GrainId grain, string name, string? etag, (string ETag, object State)? next)
    {
        lock (_records)
        {
            var stored = _records.TryGetValue((grain, name), out var record) ? record.ETag : null;
            if (stored != etag)
                throw new InconsistentStateException("Another activation has written.", stored ?? "", etag ?? "");
            if (next is { } written)
                _records[(grain, name)] = written;
            else
                _records.TryRemove((grain, name), out _);
        }
    }

    string NextETag() => Interlocked.Increment(ref _etag).ToString(CultureInfo.InvariantCulture);

    public sealed class Gate
    {
        readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>A write waits here, or did.</summary>
        public Task Reached => _reached.Task;

        public void Open(Exception? failure = null)
        {
            if (failure is null)
                _open.TrySetResult();
            else
                _open.TrySetException(failure);
        }

        public Task Pass()
        {
            _reached.TrySetResult();
            return _open.Task;
        }
    }
}
