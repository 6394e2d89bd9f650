namespace SessionManager.InProcess;

/// <summary>
/// One timer for the response timeouts of all requests. It looks only at queues that had a request which did not complete in the
/// turn it came in, so calls to warm grains cost nothing here.
/// </summary>
sealed class RequestTimeouts : IDisposable
{
    readonly TimeProvider _time;
    readonly ITimer _timer;
    readonly Lock _lock = new();
    List<RequestQueue> _watched = [];
    long _next = long.MaxValue;

    public RequestTimeouts(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static self => ((RequestTimeouts)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The queue's <see cref="RequestQueue.Expire"/> runs at the deadline, a timestamp of the time provider, or earlier.</summary>
    public void Watch(RequestQueue queue, long deadline)
    {
        if (queue.WatchedForTimeouts && deadline >= Volatile.Read(ref _next)) return;
        lock (_lock)
        {
            if (!queue.WatchedForTimeouts)
            {
                queue.WatchedForTimeouts = true;
                _watched.Add(queue);
            }

            if (deadline >= _next) return;
            Volatile.Write(ref _next, deadline);
            var due = _time.GetElapsedTime(_time.GetTimestamp(), deadline);
            _timer.Change(due > TimeSpan.Zero ? due + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    void OnTimer()
    {
        List<RequestQueue> watched;
        lock (_lock)
        {
            watched = _watched;
            _watched = [];
            Volatile.Write(ref _next, long.MaxValue);
            foreach (var queue in watched) queue.WatchedForTimeouts = false;
        }

        foreach (var queue in watched) queue.PostExpire();
    }
}
