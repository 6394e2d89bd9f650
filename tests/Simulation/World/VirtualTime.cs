namespace SessionManager.Simulation;

/// <summary>
/// A clock that stands still until the world moves it to the next timer. Two clocks, as on a real machine: the monotonic one
/// that timers run on, and the wall clock, which can jump.
/// </summary>
sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    readonly PriorityQueue<(VirtualTimer Timer, int Arming), (long Due, long Order)> _timers = new();
    long _now;
    long _jumped;
    long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Since the world began.</summary>
    public TimeSpan Elapsed => new(_now);

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(_now + _jumped);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>By how much the wall clock has been set back, in all.</summary>
    public TimeSpan SetBack { get; private set; }

    /// <summary>The wall clock is set to another time, later or earlier; timers do not notice.</summary>
    public void Jump(TimeSpan by)
    {
        _jumped += by.Ticks;
        if (by < TimeSpan.Zero)
            SetBack -= by;
    }

    /// <summary>Moves on to the next timer and fires it. False: there is none before <paramref name="end"/>, where it now stands.</summary>
    public bool FireNext(TimeSpan end)
    {
        while (_timers.TryPeek(out var next, out var at))
        {
            if (!next.Timer.IsArmedAs(next.Arming))
            {
                _timers.Dequeue();
                continue;
            }

            if (at.Due > end.Ticks)
                break;
            _timers.Dequeue();
            _now = Math.Max(_now, at.Due);
            next.Timer.Fire();
            return true;
        }

        _now = Math.Max(_now, end.Ticks);
        return false;
    }

    sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        int _arming;
        TimeSpan _period;
        bool _disposed;

        public bool IsArmedAs(int arming) => _arming == arming;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed)
                return false;
            _arming++;
            _period = period;
            if (dueTime >= TimeSpan.Zero)
                Arm(dueTime);
            return true;
        }

        public void Fire()
        {
            _arming++;
            if (_period > TimeSpan.Zero)
                Arm(_period);
            callback(state);
        }

        public void Dispose()
        {
            _disposed = true;
            _arming++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        void Arm(TimeSpan due)
        {
            // As the real ones: whole milliseconds, never early.
            var ticks = (due.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond;
            time._timers.Enqueue((this, _arming), (time._now + ticks, time._order++));
        }
    }
}
