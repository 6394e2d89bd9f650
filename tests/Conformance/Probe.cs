using System.Collections.Concurrent;

namespace SessionManager.Conformance;

/// <summary>Where grains report what happens inside them, and where tests hold them up. One a host, a service of its grains.</summary>
public sealed class Probe
{
    /// <summary>How long anything may take before it counts as hung.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>When the grains' time begins.</summary>
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly Lock _lock = new();
    readonly List<string> _events = [];
    readonly List<(string Event, int Count, TaskCompletionSource Seen)> _waits = [];
    readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_lock) return [.. _events];
        }
    }

    public int Count(string name) => Events.Count(e => e == name);

    public void Report(string name)
    {
        lock (_lock)
        {
            _events.Add(name);
            var count = _events.Count(e => e == name);
            foreach (var wait in _waits.Where(wait => wait.Event == name && wait.Count <= count)) wait.Seen.TrySetResult();
        }
    }

    /// <summary>Until the event was reported so often.</summary>
    public Task Seen(string name, int times = 1)
    {
        lock (_lock)
        {
            if (_events.Count(e => e == name) >= times) return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits.Add((name, times, seen));
            return seen.Task.WaitAsync(Patience);
        }
    }

    /// <summary>In a grain: wait here until the test opens the gate.</summary>
    public Task Gate(string name) => _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Open(string name) =>
        _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
