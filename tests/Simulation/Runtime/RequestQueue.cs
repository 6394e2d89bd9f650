using Orleans.Runtime;

namespace SessionManager.Simulation.Runtime;

/// <summary>
/// A turn queue that serves requests: the next starts only when those running have completed, or when it may interleave with
/// them. Everything here but <see cref="TryPost"/> and <see cref="Abandon"/> happens in turns of the queue.
/// </summary>
abstract class RequestQueue(SimulatedSilo silo, string name) : TurnQueue(silo.Life, name)
{
    readonly LinkedList<Request> _waiting = [];
    readonly LinkedList<Request> _running = [];
    Request? _blocking;
    bool _pumpPosted;
    int _conditional;

    public SimulatedSilo Silo { get; } = silo;

    /// <summary>Whether requests of others may start. While false they wait.</summary>
    protected abstract bool IsReady { get; }

    /// <summary>Whether the activation's own may start.</summary>
    protected abstract bool IsReadyForItsOwn { get; }

    protected abstract bool Reentrant { get; }

    protected bool Executing => _running.Count > 0;

    protected bool Idle => !Executing && _waiting.Count == 0;

    /// <summary>False: the queue is closed, and the request is still the caller's.</summary>
    public bool TryPost(Request request)
    {
        request.Queue = this;
        return Post(request);
    }

    /// <summary>The caller has given up: a waiting request never starts, a running one may see its token cancelled.</summary>
    public void Abandon(Request request) => Post(() =>
    {
        if (request.Node.List == _waiting)
            Take(request);
        else
            request.CancelCallee();
    });

    /// <summary>Called by a request once its call has ended, before its caller learns of it.</summary>
    public void Finished(Request request, Exception? error)
    {
        _running.Remove(request.Node);
        if (_blocking == request)
            _blocking = null;
        OnFinished(request, error);
        PostPump();
    }

    /// <summary>Starts what may start now that something has changed.</summary>
    protected void Pump()
    {
        // Behind a head that must wait there may be requests that need not; only few kinds can.
        for (var node = _waiting.First; node is not null && (node == _waiting.First || _conditional > 0);)
        {
            if (!MayStart(node.Value))
            {
                node = node.Next;
                continue;
            }

            if (Take(node.Value))
                Start(node.Value);
            node = _waiting.First;
        }

        AfterTurn();
    }

    /// <summary>The next request starts in a later turn than the one before ends in: a caller that was answered may come first.</summary>
    protected void PostPump()
    {
        if (_pumpPosted)
            return;
        _pumpPosted = true;
        Post(() =>
        {
            _pumpPosted = false;
            Pump();
        });
    }

    protected sealed override void Run(object turn)
    {
        var request = (Request)turn;
        if (IsConditional(request))
            _conditional++;
        _waiting.AddLast(request.Node);
        Pump();
        if (!request.IsDone)
            request.StartTimeout(Silo);
    }

    protected abstract void OnFinished(Request request, Exception? error);

    /// <summary>At the end of every turn that may have changed what is running.</summary>
    protected abstract void AfterTurn();

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
            request.TryFail(new SiloUnavailableException($"The silo stopped during {request}; its outcome is unknown."));
    }

    static bool IsConditional(Request request) => request.AlwaysInterleave || request.ReadOnly || request.IsLocal;

    bool MayStart(Request request) => (IsReady || (request.IsLocal && IsReadyForItsOwn))
        && (_blocking is null || Reentrant || request.AlwaysInterleave || (_blocking.ReadOnly && request.ReadOnly));

    /// <summary>Takes it out of those that wait. False: its caller has given up.</summary>
    bool Take(Request request)
    {
        _waiting.Remove(request.Node);
        if (IsConditional(request))
            _conditional--;
        return !request.IsDone;
    }

    void Start(Request request)
    {
        _running.AddLast(request.Node);
        if (!request.AlwaysInterleave)
            _blocking ??= request;
        request.Run((Activation)this);
    }
}
