using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Orleans.Runtime.Diagnostics;

namespace SessionManager.Tests.Cluster;

/// <summary>
/// The clock of grains and of their timers: it moves only when a test says so, and a test goes on when every timer that came due
/// has ticked. A tick is at its end when its timer is set anew, which Orleans does last, or for one that was disposed when Orleans
/// tells that the tick stopped.
/// </summary>
sealed class GrainClock : FakeTimeProvider, IObserver<GrainTimerEvents.TimerEvent>, IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    readonly ConcurrentDictionary<IGrainTimer, Tick> _ticks = new(ReferenceEqualityComparer.Instance);
    readonly IDisposable _events;

    /// <param name="now">Not before 2000.</param>
    public GrainClock(DateTimeOffset now) : base(now) => _events = GrainTimerEvents.AllEvents.Subscribe(this);

    public new async Task Advance(TimeSpan by)
    {
        // One that still ticks may be about to set its next time, counted from now.
        await AllTicked();
        base.Advance(by);
        await AllTicked();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (state is not IGrainTimer timer)
            return base.CreateTimer(callback, state, dueTime, period);
        return new Watched(this, timer, base.CreateTimer(Fire, state, dueTime, period));

        void Fire(object? _)
        {
            _ticks[timer] = new Tick();
            callback(timer);
        }
    }

    void IObserver<GrainTimerEvents.TimerEvent>.OnNext(GrainTimerEvents.TimerEvent told)
    {
        if (!_ticks.TryGetValue(told.Timer, out var tick))
            return;
        switch (told)
        {
            case GrainTimerEvents.TickStart:
                tick.Runs = true;
                break;
            case GrainTimerEvents.TickStop when tick.IsLast:
                End(told.Timer, tick);
                break;
        }
    }

    void IObserver<GrainTimerEvents.TimerEvent>.OnCompleted()
    {
    }

    void IObserver<GrainTimerEvents.TimerEvent>.OnError(Exception error)
    {
    }

    public void Dispose() => _events.Dispose();

    void Disposed(IGrainTimer timer)
    {
        if (!_ticks.TryGetValue(timer, out var tick))
            return;
        tick.IsLast = true;
        // Its activation ended before it had its turn: it gets none.
        if (!tick.Runs)
            End(timer, tick);
    }

    /// <summary>Also those that came due while others ticked.</summary>
    async Task AllTicked()
    {
        while (!_ticks.IsEmpty)
        {
            foreach (var tick in _ticks.Values)
                await tick.Ended.Task.WaitAsync(Patience);
        }
    }

    void End(IGrainTimer timer, Tick? tick)
    {
        if (tick is null)
            return;
        _ticks.TryRemove(KeyValuePair.Create(timer, tick));
        tick.Ended.TrySetResult();
    }

    sealed class Tick
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public volatile bool Runs;
        public volatile bool IsLast;
    }

    sealed class Watched(GrainClock clock, IGrainTimer timer, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // A timer that is set to now fires at once. That is a new tick; only the one before it has ended.
            clock._ticks.TryGetValue(timer, out var before);
            var changed = inner.Change(dueTime, period);
            clock.End(timer, before);
            return changed;
        }

        public void Dispose()
        {
            inner.Dispose();
            clock.Disposed(timer);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
