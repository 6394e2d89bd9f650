using Orleans.Runtime;

namespace SessionManager.InProcess;

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
    TimeSpan _dueTime = Timeout.InfiniteTimeSpan;
    TimeSpan _period = Timeout.InfiniteTimeSpan;
    bool _changed;
    volatile bool _firing;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = activation.Engine.Time.CreateTimer(
                static self => ((GrainTimer)self!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public override bool AlwaysInterleave => _options.Interleave;

    public override bool KeepsAlive => _options.KeepAlive;

    public override bool IsDone => _disposed.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, nameof(dueTime));
        Validate(period, nameof(period));
        _changed = true;
        _dueTime = dueTime;
        _period = period;

        // As in Orleans, a change made while a tick is on its way but has not begun is overridden by the period when that tick ends.
        if (!_firing && !IsDone) _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        if (IsDone) return;
        _disposed.Cancel();
        _timer.Dispose();
        _activation.RemoveTimer(this);
    }

    public override void Run(RequestQueue queue, object target)
    {
        RequestContext.Values = null;
        _changed = false;
        Exception? error = null;
        try
        {
            var tick = _callback(_disposed.Token);
            if (!tick.IsCompletedSuccessfully)
            {
                _ = AwaitAsync(queue, tick);
                return;
            }
        }
        catch (Exception exception)
        {
            error = exception;
        }

        End(queue, error);
    }

    public override void TryFail(Exception exception)
    {
    }

    public override string ToString() => "timer tick";

    static void Validate(TimeSpan time, string name)
    {
        const long Longest = 0xfffffffe;
        var milliseconds = (long)time.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, -1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, Longest, name);
    }

    void OnDue()
    {
        _firing = true;
        _activation.TryPost(this);
    }

    async Task AwaitAsync(RequestQueue queue, Task tick)
    {
        Exception? error = null;
        try
        {
            await tick;
        }
        catch (Exception exception)
        {
            error = exception;
        }

        End(queue, error);
        queue.Pump();
    }

    void End(RequestQueue queue, Exception? error)
    {
        if (error is not null) queue.Engine.Log.TimerFailed(error, queue.Name);
        if (!IsDone) _timer.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
        _firing = false;
        queue.Finished(this, error);
    }
}
