using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// A turn queue that serves requests to one object: the next starts only when those running have completed, or when it may
/// interleave with them. Everything here but <see cref="TryPost"/> happens in turns of the queue.
/// </summary>
abstract class RequestQueue(InProcessEngine engine, string name) : TurnQueue(engine.Life, name)
{
    RequestList _waiting;
    RequestList _running;
    Request? _blocking;
    int _conditional;
    Dictionary<long, int>? _reentrantSections;

    public InProcessEngine Engine { get; } = engine;

    /// <summary>Whether requests may start. While false they wait.</summary>
    protected abstract bool Ready { get; }

    /// <summary>The object that is called.</summary>
    public abstract object? Target { get; }

    protected virtual bool Reentrant => false;

    protected bool Idle => _running.IsEmpty && _waiting.IsEmpty;

    protected bool Executing => !_running.IsEmpty;

    /// <summary>Guarded by the lock of <see cref="RequestTimeouts"/>.</summary>
    internal volatile bool WatchedForTimeouts;

    /// <summary>False: the queue is closed, and the request is still the caller's.</summary>
    public bool TryPost(Request request)
    {
        request.Queue = this;
        return Post(request);
    }

    public void EnterReentrantSection(long chain)
    {
        _reentrantSections ??= [];
        _reentrantSections[chain] = _reentrantSections.GetValueOrDefault(chain) + 1;
        Post((Action)Pump);
    }

    public void ExitReentrantSection(long chain)
    {
        if (--_reentrantSections![chain] == 0) _reentrantSections.Remove(chain);
    }

    /// <summary>The caller has given up: a waiting request never starts, a running one sees its token cancelled.</summary>
    public void Abandon(Request request)
    {
        Post((Action)(() =>
        {
            if (request.Waiting) Drop(request);
            else request.CancelCallee();
        }));
    }

    /// <summary>Called by a request once its call has ended, before its caller learns of it.</summary>
    public void Finished(Request request, Exception? error)
    {
        _running.Remove(request);
        if (ReferenceEquals(_blocking, request)) _blocking = null;
        OnFinished(request, error);
        OnLeft(request);
    }

    /// <summary>Starts what may start now that something has changed.</summary>
    public void Pump()
    {
        while (_waiting.First is { } head && MayStart(head)) StartWaiting(head);

        // Behind a head that must wait there may be requests that need not; only few kinds can.
        for (var request = _waiting.First; request is not null && _conditional > 0;)
        {
            var next = request.Next;
            if (MayStart(request))
            {
                StartWaiting(request);
                next = _waiting.First;
            }

            request = next;
        }

        AfterTurn();
    }

    /// <summary>Fails what is overdue and arranges to be called again for the rest.</summary>
    public void Expire()
    {
        var now = Engine.Time.GetTimestamp();
        Expire(_waiting, now);
        Expire(_running, now);
        OnExpire(now);
        AfterTurn();

        void Expire(RequestList list, long now)
        {
            for (var request = list.First; request is not null;)
            {
                var next = request.Next;
                if (request.Deadline > now)
                {
                    Engine.Timeouts.Watch(this, request.Deadline);
                }
                else if (request.Deadline > 0)
                {
                    request.Deadline = 0;
                    request.TryFail(new TimeoutException($"{request} to {Name} was not answered within the response timeout; its outcome is unknown."));
                    if (request.Waiting) Drop(request);
                }

                request = next;
            }
        }
    }

    public void PostExpire() => Post((Action)Expire);

    protected sealed override void RunTurn(object turn)
    {
        if (turn is Request request) Receive(request);
        else ((Action)turn)();
    }

    protected virtual void OnFinished(Request request, Exception? error)
    {
    }

    /// <summary>A request that was posted is finished, or was dropped before it started.</summary>
    protected virtual void OnLeft(Request request)
    {
    }

    protected virtual void OnExpire(long now)
    {
    }

    /// <summary>At the end of every turn that may have changed what is running.</summary>
    protected virtual void AfterTurn()
    {
    }

    /// <summary>Takes all waiting requests out.</summary>
    protected List<Request> TakeWaiting()
    {
        var taken = new List<Request>();
        while (_waiting.First is { } request)
        {
            RemoveWaiting(request);
            taken.Add(request);
        }

        return taken;
    }

    protected override void OnLifeEnded()
    {
        var requests = Close().OfType<Request>().Concat(TakeWaiting()).ToList();
        for (var request = _running.First; request is not null; request = request.Next) requests.Add(request);
        foreach (var request in requests) request.TryFail(new SiloUnavailableException($"The engine stopped during {request}; its outcome is unknown."));
    }

    void Receive(Request request)
    {
        if (request.IsDone)
        {
            OnLeft(request);
            return;
        }

        if (MayStart(request))
        {
            Start(request);
        }
        else
        {
            request.Waiting = true;
            if (IsConditional(request)) _conditional++;
            _waiting.Add(request);
        }

        if (!request.IsDone && request.Method?.Timeout(Engine) is { } timeout)
        {
            request.Deadline = Engine.Time.GetTimestamp() + (long)(timeout.TotalSeconds * Engine.Time.TimestampFrequency);
            Engine.Timeouts.Watch(this, request.Deadline);
        }

        AfterTurn();
    }

    bool MayStart(Request request)
    {
        if (!Ready) return false;
        if (_running.IsEmpty || request.AlwaysInterleave || _blocking is null || Reentrant) return true;
        if (_blocking.ReadOnly && request.ReadOnly) return true;
        return _reentrantSections is { Count: > 0 } sections && sections.ContainsKey(request.ReentrancyId);
    }

    static bool IsConditional(Request request) =>
        request.AlwaysInterleave || request.ReadOnly || request.ReentrancyId != 0;

    void StartWaiting(Request request)
    {
        RemoveWaiting(request);
        if (request.IsDone) OnLeft(request);
        else Start(request);
    }

    void Drop(Request request)
    {
        RemoveWaiting(request);
        OnLeft(request);
    }

    void RemoveWaiting(Request request)
    {
        request.Waiting = false;
        if (IsConditional(request)) _conditional--;
        _waiting.Remove(request);
    }

    void Start(Request request)
    {
        _running.Add(request);
        if (!request.AlwaysInterleave) _blocking ??= request;
        request.Run(this, Target!);
    }
}

/// <summary>A doubly linked list through the requests themselves: a request is in one list at a time.</summary>
struct RequestList
{
    public Request? First { get; private set; }

    Request? _last;

    public readonly bool IsEmpty => First is null;

    public void Add(Request request)
    {
        request.Previous = _last;
        if (_last is null) First = request;
        else _last.Next = request;
        _last = request;
    }

    public void Remove(Request request)
    {
        if (request.Previous is null) First = request.Next;
        else request.Previous.Next = request.Next;
        if (request.Next is null) _last = request.Previous;
        else request.Next.Previous = request.Previous;
        request.Next = request.Previous = null;
    }
}
