using System.Runtime.ExceptionServices;

namespace SessionManager.Simulation.Runtime;

/// <summary>
/// A task scheduler that runs one turn at a time, in order. Code that runs in it comes back to it after every await.
/// </summary>
abstract class TurnQueue(SiloLife life, string name) : TaskScheduler, ITurnSource
{
    [ThreadStatic] static TurnQueue? _current;
    [ThreadStatic] static bool _answering;

    readonly Queue<object> _turns = new(1);
    bool _scheduled;
    bool _closed;

    /// <summary>The queue whose turn is running on this thread.</summary>
    public static TurnQueue? Running => _current;

    public string Name { get; } = name;

    /// <summary>
    /// Completes a task: whoever awaits it continues in a later turn. RunContinuationsAsynchronously would do the same, but for
    /// Task.WhenAll, which it completes on the thread pool.
    /// </summary>
    public static void Answer<TState>(Action<TState> complete, TState state)
    {
        var outer = _answering;
        _answering = true;
        try
        {
            complete(state);
        }
        finally
        {
            _answering = outer;
        }
    }

    /// <summary>After the end of the silo's life: brings about <see cref="OnLifeEnded"/>.</summary>
    public void Wake()
    {
        if (_scheduled)
            return;
        _scheduled = true;
        life.Scheduler.Enqueue(this);
    }

    void ITurnSource.RunTurn()
    {
        if (life.Ended)
        {
            OnLifeEnded();
            return;
        }

        if (_turns.TryDequeue(out var turn))
        {
            var outer = _current;
            _current = this;
            Enter();
            try
            {
                if (turn is Task task)
                    TryExecuteTask(task);
                else
                    RunAsTask(turn);
            }
            finally
            {
                Leave();
                _current = outer;
            }
        }

        _scheduled = _turns.Count > 0 || life.Ended;
        if (_scheduled)
            life.Scheduler.Enqueue(this);
    }

    /// <summary>Adds a turn to the end: a task, an action, or what the derived class runs. False: it will never run.</summary>
    protected bool Post(object turn)
    {
        if (Environment.CurrentManagedThreadId != life.Thread)
        {
            life.Scheduler.Enqueue(new Arrival(Name, () => Post(turn)));
            return true;
        }

        if (life.Ended || (_closed && turn is not Task))
            return false;
        _turns.Enqueue(turn);
        if (_scheduled)
            return true;
        _scheduled = true;
        life.Scheduler.Enqueue(this);
        return true;
    }

    protected void Post(Action turn) => Post((object)turn);

    /// <summary>From now on only tasks are taken: continuations of what has already started. Returns the turns that were waiting.</summary>
    protected List<object> Close()
    {
        _closed = true;
        var turns = _turns.ToLookup(turn => turn is Task);
        _turns.Clear();
        foreach (var task in turns[true])
            _turns.Enqueue(task);
        return [.. turns[false]];
    }

    /// <summary>Runs a turn that is neither task nor action.</summary>
    protected virtual void Run(object turn) => throw new NotSupportedException();

    /// <summary>Before and after every turn.</summary>
    protected virtual void Enter() { }

    /// <inheritdoc cref="Enter"/>
    protected virtual void Leave() { }

    /// <summary>Instead of all turns that were still to come.</summary>
    protected virtual void OnLifeEnded() { }

    protected sealed override void QueueTask(Task task) => Post((object)task);

    protected sealed override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && !_answering && ReferenceEquals(_current, this) && TryExecuteTask(task);

    protected sealed override IEnumerable<Task> GetScheduledTasks() => [];

    /// <summary>A task of its own makes this queue TaskScheduler.Current for everything that runs inside.</summary>
    void RunAsTask(object turn)
    {
        var task = turn is Action action
            ? new Task(action)
            : new Task(static pair => (((TurnQueue Queue, object Turn))pair!).Queue.Run((((TurnQueue, object Turn))pair).Turn), (this, turn));
        task.RunSynchronously(this);
        // Turns handle what the grains throw; what escapes is a defect of this runtime.
        if (task.Exception is { } defect)
            ExceptionDispatchInfo.Throw(defect.InnerException!);
    }
}

/// <summary>What comes from another thread; only a scheduler that allows it takes it.</summary>
sealed class Arrival(string name, Action run) : ITurnSource
{
    public string Name => name;

    public void RunTurn() => run();
}

/// <summary>What all queues of one silo share. Once ended, none of them runs another turn.</summary>
sealed class SiloLife(ITurnScheduler scheduler)
{
    public ITurnScheduler Scheduler => scheduler;

    /// <summary>The one thread that runs everything: the one that made the silo.</summary>
    public int Thread { get; } = Environment.CurrentManagedThreadId;

    public bool Ended { get; set; }
}
