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
    (TimeSpan Due, TimeSpan Period) _times;
    bool _changed;
    volatile bool _firing;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        using (ExecutionContext.SuppressFlow())
            _timer = activation.Engine.Time.CreateTimer(static self => ((GrainTimer)self!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Change(options.DueTime, options.Period);
    }

    public override bool AlwaysInterleave => _options.Interleave;
    public override bool KeepsAlive => _options.KeepAlive;
    public override bool IsDone => _disposed.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, nameof(dueTime));
        Validate(period, nameof(period));
        _changed = true;
        _times = (dueTime, period);

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

    public override void Run(RequestQueue queue, object target) => _ = RunAsync(queue);

    public override void TryFail(Exception exception) { }

    public override string ToString() => "timer tick";

    static void Validate(TimeSpan time, string name)
    {
        const long Longest = 0xfffffffe;
        ArgumentOutOfRangeException.ThrowIfLessThan((long)time.TotalMilliseconds, -1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)time.TotalMilliseconds, Longest, name);
    }

    void OnDue()
    {
        _firing = true;
        _activation.TryPost(this);
    }

    async Task RunAsync(RequestQueue queue)
    {
        RequestContext.Values = null;
        _changed = false;
        Exception? error = null;
        try
        {
            await _callback(_disposed.Token);
        }
        catch (Exception exception)
        {
            error = exception;
            queue.Engine.Log.TimerFailed(error, queue.Name);
        }

        if (!IsDone) _timer.Change(_changed ? _times.Due : _times.Period, Timeout.InfiniteTimeSpan);
        _firing = false;
        queue.Finished(this, error);
        queue.Pump();
    }
}
