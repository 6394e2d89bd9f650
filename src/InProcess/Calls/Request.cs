using System.Diagnostics;
using Orleans;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>Something to be run by a <see cref="RequestQueue"/> under its rules of interleaving: a call, or a timer's tick.</summary>
abstract class Request
{
    public virtual GrainMethod? Method => null;

    public virtual bool AlwaysInterleave => Method is { AlwaysInterleave: true };

    public virtual bool ReadOnly => Method is { ReadOnly: true };

    /// <summary>Counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    public virtual long ReentrancyId => 0;

    /// <summary>The caller has its answer, or has given up.</summary>
    public abstract bool IsDone { get; }

    public RequestQueue? Queue { get; set; }

    public Request? Next { get; set; }

    public Request? Previous { get; set; }

    public bool Waiting { get; set; }

    /// <summary>A timestamp; 0 for none.</summary>
    public long Deadline { get; set; }

    /// <summary>
    /// Runs in a turn. Ends with <see cref="RequestQueue.Finished"/>, and, if that happens in a later turn, also with
    /// <see cref="RequestQueue.Pump"/>. Never throws.
    /// </summary>
    public abstract void Run(RequestQueue queue, object target);

    /// <summary>Answers the caller, unless it was answered.</summary>
    public abstract void TryFail(Exception exception);

    public virtual void CancelCallee()
    {
    }
}

/// <summary>A call through a reference.</summary>
abstract class Call(GrainMethod method, object?[] arguments) : Request
{
    CancellationTokenRegistration _callerCancellation;
    CancellationTokenSource? _calleeCancellation;

    public sealed override GrainMethod Method { get; } = method;

    public GrainId Target { get; set; }

    /// <summary>How often it met an activation that was ending.</summary>
    public int Forwards { get; set; }

    /// <summary>Asked when the call is about to start; false drops it.</summary>
    public Func<bool>? StillWanted { get; init; }

    public sealed override long ReentrancyId => RequestContext.ReentrancyIdOf(Context);

    protected object?[] Arguments { get; } = arguments;

    protected Dictionary<string, object>? Context { get; } = RequestContext.Values;

    protected Activity? Parent { get; } = Activity.Current;

    /// <summary>Gives the callee a token of its own, cancelled in one of its turns when the caller's is.</summary>
    public void Observe(CancellationToken caller)
    {
        _calleeCancellation = new CancellationTokenSource();
        Arguments[Method.CancellationIndex] = _calleeCancellation.Token;
        if (!caller.CanBeCanceled) return;
        _callerCancellation = caller.UnsafeRegister(
            static (self, token) =>
            {
                var call = (Call)self!;
                call.TryFail(new OperationCanceledException(token));
                call.Queue?.Abandon(call);
            },
            this);
    }

    public sealed override void CancelCallee() => _calleeCancellation?.Cancel();

    public override string ToString() => Method.ToString();

    protected void StopObserving() => _callerCancellation.Dispose();
}

sealed class Call<T>(GrainMethod method, ReturnShape<T> shape, object?[] arguments) : Call(method, arguments)
{
    static readonly bool IsReference = typeof(T).IsAssignableTo(typeof(IAddressable));

    // With RunContinuationsAsynchronously a Task.WhenAll over answers would be completed on the thread pool, out of the
    // scheduler's sight. TurnQueue.Complete sees to it that nobody continues inside the turn that answers.
    readonly TaskCompletionSource<T> _answer = new();

    public Task<T> Answer => _answer.Task;

    public override bool IsDone => _answer.Task.IsCompleted;

    public override void TryFail(Exception exception)
    {
        Fail(exception);
        StopObserving();
    }

    public override void Run(RequestQueue queue, object target)
    {
        if (StillWanted is { } wanted && !wanted())
        {
            queue.Finished(this, null);
            TurnQueue.Complete(static answer => answer.TrySetResult(default!), _answer);
            return;
        }

        RequestContext.Values = Context;
        var activity = GrainActivity.Start(Method, Target, Parent);
        try
        {
            var call = shape.Await(Method.Invoke(target, Arguments));
            if (!call.IsCompletedSuccessfully)
            {
                _ = AwaitAsync(queue, call, activity);
                return;
            }

            End(queue, activity, call.Result, null);
        }
        catch (Exception exception)
        {
            End(queue, activity, default!, exception);
        }
    }

    void Fail(Exception exception)
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
    }

    async Task AwaitAsync(RequestQueue queue, ValueTask<T> call, Activity? activity)
    {
        T result = default!;
        Exception? error = null;
        try
        {
            result = await call;
        }
        catch (Exception exception)
        {
            error = exception;
        }

        End(queue, activity, result, error);
        queue.Pump();
    }

    void End(RequestQueue queue, Activity? activity, T result, Exception? error)
    {
        queue.Finished(this, error);
        if (error is not null) activity?.SetStatus(ActivityStatusCode.Error, error.Message);
        activity?.Dispose();
        StopObserving();
        if (error is null)
        {
            // A grain that returns itself returns a reference to itself.
            if (IsReference && result is IGrainBase grain) result = (T)(object)grain.GrainContext.GrainReference.As(typeof(T));
            TurnQueue.Complete(static given => given._answer.TrySetResult(given.result), (_answer, result));
        }
        else
        {
            if (Method.OneWay) queue.Engine.Log.OneWayCallFailed(error, Method, Target);
            Fail(error);
        }
    }
}
