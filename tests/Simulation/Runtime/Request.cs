using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace SessionManager.Simulation.Runtime;

/// <summary>Something to be run by a <see cref="RequestQueue"/> under its rules of interleaving: a call, or a timer's tick.</summary>
abstract class Request
{
    protected Request() => Node = new(this);

    public virtual bool AlwaysInterleave => false;
    public virtual bool ReadOnly => false;

    /// <summary>Counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>It is the activation's own: it may still start while that is ending, and goes nowhere else.</summary>
    public virtual bool IsLocal => false;

    /// <summary>The caller has its answer, or has given up.</summary>
    public abstract bool IsDone { get; }

    public RequestQueue? Queue { get; set; }

    /// <summary>Its place in one of the queue's lists.</summary>
    public LinkedListNode<Request> Node { get; }

    /// <summary>Runs in a turn, and ends with <see cref="RequestQueue.Finished"/>. Never throws.</summary>
    public abstract void Run(Activation activation);

    /// <summary>Answers the caller, unless it was answered.</summary>
    public abstract void TryFail(Exception exception);

    public virtual void CancelCallee() { }

    public virtual void StartTimeout(SimulatedSilo silo) { }
}

/// <summary>A call through a reference: the generated request of a generated proxy.</summary>
abstract class Call(IInvokable body, InvokeMethodOptions options, GrainId target) : Request
{
    readonly CancellationToken _caller = body.GetCancellationToken();
    CancellationTokenRegistration _cancellation;
    ITimer? _timeout;

    public GrainId Target => target;

    /// <summary>How often it met an activation that was ending.</summary>
    public int Forwards { get; set; }

    public sealed override bool AlwaysInterleave => (options & InvokeMethodOptions.AlwaysInterleave) != 0;
    public sealed override bool ReadOnly => (options & InvokeMethodOptions.ReadOnly) != 0;

    protected IInvokable Body => body;

    /// <exception cref="OperationCanceledException">The caller's token is cancelled already.</exception>
    public void WatchCaller()
    {
        _caller.ThrowIfCancellationRequested();
        if (_caller.CanBeCanceled)
            _cancellation = _caller.UnsafeRegister(static (call, token) => ((Call)call!).GiveUp(new OperationCanceledException(token)), this);
    }

    public sealed override void CancelCallee()
    {
        if (body.IsCancellable)
            body.TryCancel();
    }

    public sealed override void StartTimeout(SimulatedSilo silo)
    {
        var timeout = body.GetDefaultResponseTimeout() ?? silo.Options.ResponseTimeout;
        _timeout = silo.Time.CreateTimer(static call => ((Call)call!).OnTimeout(), this, timeout, Timeout.InfiniteTimeSpan);
        if (IsDone)
            _timeout.Dispose();
    }

    public override string ToString() => $"{body.GetActivityName()} to {target}";

    /// <summary>Nothing can end it any more: its caller is about to be answered.</summary>
    protected void StopWatching()
    {
        _cancellation.Dispose();
        _timeout?.Dispose();
    }

    void OnTimeout()
    {
        if (!Queue!.Silo.Life.Ended)
            GiveUp(new TimeoutException($"{this} was not answered within the response timeout; its outcome is unknown."));
    }

    /// <summary>The caller goes on; the callee is told so by its own token.</summary>
    void GiveUp(Exception exception)
    {
        TryFail(exception);
        Queue?.Abandon(this);
    }
}

sealed class Call<T>(IInvokable body, InvokeMethodOptions options, GrainId target) : Call(body, options, target)
{
    readonly TaskCompletionSource<T?> _answer = new();

    public Task<T?> Answer => _answer.Task;
    public override bool IsDone => _answer.Task.IsCompleted;

    public override void TryFail(Exception exception)
    {
        TurnQueue.Answer(
            static given =>
            {
                if (given.exception is OperationCanceledException { CancellationToken: { IsCancellationRequested: true } token })
                    given._answer.TrySetCanceled(token);
                else
                    given._answer.TrySetException(given.exception);
            },
            (_answer, exception));
        StopWatching();
    }

    public override void Run(Activation activation) => _ = RunAsync(activation);

    async Task RunAsync(Activation activation)
    {
        Body.SetTarget(activation);
        var response = await Body.Invoke();
        var error = response.Exception;
        activation.Finished(this, error);
        if (error is null)
        {
            StopWatching();
            TurnQueue.Answer(static given => given._answer.TrySetResult(given.result), (_answer, result: OrleansParts.CopyResult<T>(response)));
        }
        else
        {
            TryFail(error);
        }

        response.Dispose();
        Body.Dispose();
    }
}
