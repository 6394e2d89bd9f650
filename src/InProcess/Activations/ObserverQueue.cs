using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>Delivers calls to a local object, one at a time.</summary>
sealed class ObserverQueue(InProcessEngine engine, object observer, GrainId id) : RequestQueue(engine, id.ToString()), ICallRouter
{
    // Weak, as in Orleans: a subscriber that its owner has dropped must not live on because a grain still has its reference.
    readonly WeakReference _observer = new(observer);
    volatile bool _deleted;

    public override object? Target => _observer.Target;
    protected override bool Ready => true;

    public void Delete() => _deleted = true;

    public void Route(Call call)
    {
        if (_deleted || _observer.Target is null)
        {
            Engine.Forget(this, id);
            call.TryFail(new ClientNotAvailableException($"The observer {id} is gone."));
        }
        else if (!TryPost(call))
        {
            InProcessEngine.FailStopped(call);
        }
    }
}
