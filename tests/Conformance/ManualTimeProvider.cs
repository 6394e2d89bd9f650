namespace SessionManager.Conformance;

/// <summary>A clock that stands still until <see cref="Advance"/>; timers that fall due then fire in order, on the caller's thread.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    /// <summary>
    /// A timer's callback that waits for less than a millisecond by looking again and again, as Orleans does for the rest of a
    /// delay, would do so for ever: after so many looks a millisecond has gone by.
    /// </summary>
    const int PatientLooks = 10_000;

    readonly Lock _lock = new();
    readonly List<ManualTimer> _timers = [];
    DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    int _looks;
    bool _firing;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            if (_firing && ++_looks > PatientLooks)
            {
                _looks = 0;
                _now += TimeSpan.FromMilliseconds(1);
            }

            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        DateTimeOffset end;
        lock (_lock) end = _now + time;
        while (true)
        {
            ManualTimer? due;
            lock (_lock)
            {
                due = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                var next = due?.Due ?? end;
                if (next > _now) _now = next;
                _looks = 0;
                _firing = due is not null;
                if (due is null) return;
                due.Rearm();
            }

            due.Fire();
        }
    }

    sealed class ManualTimer(ManualTimeProvider time, Action fire) : ITimer
    {
        TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public void Fire() => fire();

        public void Rearm()
        {
            if (_period > TimeSpan.Zero) Due += _period;
            else time._timers.Remove(this);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                _period = period;
                time._timers.Remove(this);
                if (dueTime < TimeSpan.Zero) return true;
                Due = time._now + dueTime;
                time._timers.Add(this);
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
