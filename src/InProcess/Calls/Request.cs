using System.Diagnostics;
using Orleans;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>Something to be run by a <see cref="RequestQueue"/> under its rules of interleaving: a call, or a timer's tick.</summary>
abstract class Request
{
    protected Request() => Node = new(this);

    public virtual bool AlwaysInterleave => false;
    public virtual bool ReadOnly => false;

    /// <summary>Counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>See <see cref="RequestContext.ReentrancyIdOf"/>.</summary>
    public virtual long ReentrancyId => 0;

    /// <summary>The caller has its answer, or has given up.</summary>
    public abstract bool IsDone { get; }

    public RequestQueue? Queue { get; set; }

    /// <summary>Its place in one of the queue's lists.</summary>
    public LinkedListNode<Request> Node { get; }

    /// <summary>Runs in a turn. Ends with <see cref="RequestQueue.Finished"/> and <see cref="RequestQueue.Pump"/>. Never throws.</summary>
    public abstract void Run(RequestQueue queue, object target);

    /// <summary>Answers the caller, unless it was answered.</summary>
    public abstract void TryFail(Exception exception);

    public virtual void CancelCallee() { }
    public virtual void StartTimeout(InProcessEngine engine) { }
}

/// <summary>A call through a reference.</summary>
abstract class Call(GrainMethod method, object?[] arguments, GrainId target) : Request
{
    CancellationTokenRegistration _callerCancellation;
    CancellationTokenSource? _calleeCancellation;
    ITimer? _timeout;

    public GrainMethod Method { get; } = method;
    public GrainId Target { get; } = target;

    /// <summary>How often it met an activation that was ending.</summary>
    public int Forwards { get; set; }

    /// <summary>Asked when the call is about to start; false drops it.</summary>
    public Func<bool>? StillWanted { get; init; }

    public sealed override bool AlwaysInterleave => Method.AlwaysInterleave;
    public sealed override bool ReadOnly => Method.ReadOnly;
    public sealed override long ReentrancyId => RequestContext.ReentrancyIdOf(Context);

    protected object?[] Arguments { get; } = arguments;
    protected Dictionary<string, object>? Context { get; } = RequestContext.Values;
    protected Activity? Parent { get; } = Activity.Current;

    /// <summary>Gives the callee a token of its own, cancelled in one of its turns when the caller's is.</summary>
    public void Observe(CancellationToken caller)
    {
        _calleeCancellation = new CancellationTokenSource();
        Arguments[Method.CancellationIndex] = _calleeCancellation.Token;
        _callerCancellation = caller.UnsafeRegister(
            static (call, token) => ((Call)call!).GiveUp(new OperationCanceledException(token), cancel: true), this);
    }

    public sealed override void CancelCallee() => _calleeCancellation?.Cancel();

    public sealed override void StartTimeout(InProcessEngine engine)
    {
        if (Method.Timeout(engine) is not { } timeout) return;
        using (ExecutionContext.SuppressFlow())
            _timeout = engine.Time.CreateTimer(static call => ((Call)call!).OnTimeout(), this, timeout, Timeout.InfiniteTimeSpan);
        if (IsDone) _timeout.Dispose();
    }

    public override string ToString() => $"{Method} to {Target}";

    /// <summary>Nothing can end it any more: its caller is about to be answered.</summary>
    protected void StopWatching()
    {
        _callerCancellation.Dispose();
        _timeout?.Dispose();
    }

    void OnTimeout()
    {
        if (!Queue!.Engine.Life.Ended)
            GiveUp(new TimeoutException($"{this} was not answered within the response timeout; its outcome is unknown."), cancel: false);
    }

    void GiveUp(Exception exception, bool cancel)
    {
        TryFail(exception);
        Queue?.Abandon(this, cancel);
    }
}

sealed class Call<T>(GrainMethod method, ReturnShape<T> shape, object?[] arguments, GrainId target) : Call(method, arguments, target)
{
    static readonly bool IsReference = typeof(T).IsAssignableTo(typeof(IAddressable));

    // With RunContinuationsAsynchronously a Task.WhenAll over answers would be completed on the thread pool, out of the
    // scheduler's sight. TurnQueue.Complete sees to it that nobody continues inside the turn that answers.
    readonly TaskCompletionSource<T> _answer = new();

    public Task<T> Answer => _answer.Task;
    public override bool IsDone => _answer.Task.IsCompleted;

    public override void TryFail(Exception exception)
    {
        TurnQueue.Complete(
            static given =>
            {
                if (given.exception is OperationCanceledException { CancellationToken: { IsCancellationRequested: true } token }) given._answer.TrySetCanceled(token);
                else given._answer.TrySetException(given.exception);
            },
            (_answer, exception));

        // Nobody looks at the answer of a one-way call; that is no error that went unobserved.
        if (Method.OneWay) _ = _answer.Task.Exception;
        StopWatching();
    }

    public override void Run(RequestQueue queue, object target) => _ = RunAsync(queue, target);

    async Task RunAsync(RequestQueue queue, object target)
    {
        T result = default!;
        Exception? error = null;
        if (StillWanted?.Invoke() != false)
        {
            RequestContext.Values = Context;
            using var activity = GrainActivity.Start(Method, Target, Parent);
            try
            {
                result = await shape.Await(Method.Invoke(target, Arguments));
            }
            catch (Exception exception)
            {
                error = exception;
                activity?.SetStatus(ActivityStatusCode.Error, error.Message);
                if (Method.OneWay) queue.Engine.Log.OneWayCallFailed(error, Method, Target);
            }
        }

        queue.Finished(this, error);
        StopWatching();
        if (error is null)
        {
            // A grain that returns itself returns a reference to itself.
            if (IsReference && result is IGrainBase grain) result = (T)(object)grain.GrainContext.GrainReference.As(typeof(T));
            TurnQueue.Complete(static given => given._answer.TrySetResult(given.result), (_answer, result));
        }
        else
        {
            TryFail(error);
        }

        queue.Pump();
    }
}
