using Orleans.Runtime;
using Orleans.Timers;

namespace SessionManager.Simulation.Runtime;

/// <summary>
/// A grain's timer. Its tick is a request like any other, so it waits its turn and never overlaps with itself; the next one is
/// armed when it has ended. There is one tick object, because there is one tick at a time.
/// </summary>
sealed class GrainTimer : Request, IGrainTimer
{
    readonly Activation _activation;
    readonly Func<CancellationToken, Task> _callback;
    readonly GrainTimerCreationOptions _options;
    readonly CancellationTokenSource _disposed = new();
    readonly ITimer _timer;
    (TimeSpan Due, TimeSpan Period) _times;
    bool _changed;
    bool _firing;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        _timer = activation.Silo.Time.CreateTimer(static self => ((GrainTimer)self!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override bool AlwaysInterleave => _options.Interleave;
    public override bool KeepsAlive => _options.KeepAlive;
    public override bool IsLocal => true;
    public override bool IsDone => _disposed.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)dueTime.TotalMilliseconds, -1, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfLessThan((long)period.TotalMilliseconds, -1, nameof(period));
        _changed = true;
        _times = (dueTime, period);
        // As in Orleans, a change made while a tick is on its way but has not begun is overridden by the period when that tick ends.
        if (!_firing && !IsDone)
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        if (IsDone)
            return;
        _disposed.Cancel();
        _timer.Dispose();
        _activation.RemoveTimer(this);
    }

    public override void Run(Activation activation) => _ = RunAsync();

    public override void TryFail(Exception exception)
    {
    }

    public override string ToString() => "timer tick";

    void OnDue()
    {
        _firing = true;
        _activation.TryPost(this);
    }

    async Task RunAsync()
    {
        _changed = false;
        Exception? error = null;
        try
        {
            await _callback(_disposed.Token);
        }
        catch (Exception exception)
        {
            error = exception;
        }

        if (!IsDone)
            _timer.Change(_changed ? _times.Due : _times.Period, Timeout.InfiniteTimeSpan);
        _firing = false;
        _activation.Finished(this, error);
    }
}

sealed class TimerRegistry : ITimerRegistry
{
    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
        ((Activation)grainContext).AddTimer(cancellation => callback(state, cancellation), options);

    IDisposable ITimerRegistry.RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("It is obsolete.");
}
