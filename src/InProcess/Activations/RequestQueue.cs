using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// A turn queue that serves requests to one object: the next starts only when those running have completed, or when it may
/// interleave with them. Everything here but <see cref="TryPost"/> and <see cref="Abandon"/> happens in turns of the queue.
/// </summary>
abstract class RequestQueue(InProcessEngine engine, string name) : TurnQueue(engine.Life, name)
{
    readonly LinkedList<Request> _waiting = [];
    readonly LinkedList<Request> _running = [];
    Request? _blocking;
    bool _pumping;
    int _conditional;
    int _load;
    Dictionary<long, int>? _reentrantSections;

    public InProcessEngine Engine { get; } = engine;

    /// <summary>The object that is called.</summary>
    public abstract object? Target { get; }

    /// <summary>Requests that have come and not ended.</summary>
    public int Load => Volatile.Read(ref _load);

    /// <summary>Whether requests may start. While false they wait.</summary>
    protected abstract bool Ready { get; }

    protected virtual bool Reentrant => false;

    protected bool Executing => _running.Count > 0;

    protected bool Idle => !Executing && _waiting.Count == 0;

    /// <summary>False: the queue is closed, and the request is still the caller's.</summary>
    public bool TryPost(Request request)
    {
        request.Queue = this;
        Interlocked.Increment(ref _load);
        return Post(request);
    }

    /// <summary>The caller has given up: a waiting request never starts, a running one may see its token cancelled.</summary>
    public void Abandon(Request request, bool cancel) => Post(() =>
    {
        if (request.Node.List == _waiting) Take(request);
        else if (cancel) request.CancelCallee();
    });

    public void EnterReentrantSection(long chain)
    {
        _reentrantSections ??= [];
        _reentrantSections[chain] = _reentrantSections.GetValueOrDefault(chain) + 1;
        Post(Pump);
    }

    public void ExitReentrantSection(long chain)
    {
        if (--_reentrantSections![chain] == 0) _reentrantSections.Remove(chain);
    }

    /// <summary>Called by a request once its call has ended, before its caller learns of it.</summary>
    public void Finished(Request request, Exception? error)
    {
        _running.Remove(request.Node);
        if (_blocking == request) _blocking = null;
        Interlocked.Decrement(ref _load);
        OnFinished(request, error);
    }

    /// <summary>Starts what may start now that something has changed.</summary>
    public void Pump()
    {
        // A request that completes at once pumps again from within; the loop here goes on anyway.
        if (_pumping) return;
        _pumping = true;

        // Behind a head that must wait there may be requests that need not; only few kinds can.
        for (var node = _waiting.First; node is not null && (node == _waiting.First || _conditional > 0);)
        {
            if (!MayStart(node.Value))
            {
                node = node.Next;
                continue;
            }

            if (Take(node.Value)) Start(node.Value);
            node = _waiting.First;
        }

        _pumping = false;
        AfterTurn();
    }

    protected sealed override void RunTurn(object turn)
    {
        var request = (Request)turn;
        if (IsConditional(request)) _conditional++;
        _waiting.AddLast(request.Node);
        Pump();
        if (!request.IsDone) request.StartTimeout(Engine);
    }

    protected virtual void OnFinished(Request request, Exception? error) { }

    /// <summary>At the end of every turn that may have changed what is running.</summary>
    protected virtual void AfterTurn() { }

    /// <summary>Accepts no request any more, and takes out all that have not started.</summary>
    protected List<Request> TakeAll()
    {
        var taken = _waiting.Concat(Close().OfType<Request>()).ToList();
        _waiting.Clear();
        return taken;
    }

    protected override void OnLifeEnded()
    {
        foreach (var request in _running.Concat(TakeAll()).ToList())
            request.TryFail(new SiloUnavailableException($"The engine stopped during {request}; its outcome is unknown."));
    }

    static bool IsConditional(Request request) => request.AlwaysInterleave || request.ReadOnly || request.ReentrancyId != 0;

    bool MayStart(Request request) => Ready
        && (_blocking is null || Reentrant || request.AlwaysInterleave || (_blocking.ReadOnly && request.ReadOnly)
            || _reentrantSections?.ContainsKey(request.ReentrancyId) == true);

    /// <summary>Takes it out of those that wait. False: its caller has given up.</summary>
    bool Take(Request request)
    {
        _waiting.Remove(request.Node);
        if (IsConditional(request)) _conditional--;
        if (request.IsDone) Interlocked.Decrement(ref _load);
        return !request.IsDone;
    }

    void Start(Request request)
    {
        _running.AddLast(request.Node);
        if (!request.AlwaysInterleave) _blocking ??= request;
        request.Run(this, Target!);
    }
}
