namespace SessionManager.InProcess;

/// <summary>
/// A task scheduler that runs one turn at a time, in order. Code that runs in it comes back to it after every await. The
/// simulator runs its clients in one, so that their continuations too pass the <see cref="ITurnScheduler"/>.
/// </summary>
public class TurnQueue : TaskScheduler, ITurnSource
{
    [ThreadStatic]
    static TurnQueue? _current;
    [ThreadStatic]
    static bool _completing;
    static readonly Action<object?> RunTurns = static queue => ((TurnQueue)queue!).RunTurnsCore();

    readonly Queue<object> _turns = new(1);
    readonly TurnLife _life;
    bool _scheduled;
    bool _closed;

    /// <param name="life">Whose end is also this queue's.</param>
    /// <param name="name">For a trace.</param>
    internal TurnQueue(TurnLife life, string name)
    {
        _life = life;
        Name = name;
    }

    /// <summary>The queue whose turn is running on this thread.</summary>
    internal static TurnQueue? Running => _current;

    public string Name { get; }

    public sealed override int MaximumConcurrencyLevel => 1;

    /// <summary>Completes a task from within a turn: whoever awaits it, here or elsewhere, continues in a later turn.</summary>
    internal static void Complete<TState>(Action<TState> completion, TState state)
    {
        var outer = _completing;
        _completing = true;
        try
        {
            completion(state);
        }
        finally
        {
            _completing = outer;
        }
    }

    /// <summary>Starts <paramref name="work"/> as a turn. What it awaits continues here.</summary>
    public Task Run(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    void ITurnSource.RunSlice()
    {
        // A task of our own makes this queue TaskScheduler.Current for everything that runs inside.
        new Task(RunTurns, this).RunSynchronously(this);
    }

    /// <summary>Adds a task, or a turn of the derived class's own, to the end. False: it will never run.</summary>
    protected bool Post(object turn)
    {
        lock (_turns)
        {
            if (_life.Ended || (_closed && turn is not Task)) return false;
            _turns.Enqueue(turn);
            if (_scheduled) return true;
            _scheduled = true;
        }

        _life.Scheduler.Enqueue(this);
        return true;
    }

    /// <summary>Runs a turn that is no task.</summary>
    protected virtual void RunTurn(object turn) => throw new NotSupportedException(turn.GetType().ToString());

    /// <summary>From now on only tasks are taken: continuations of what has already started. Returns the turns that were waiting.</summary>
    protected List<object> Close()
    {
        lock (_turns)
        {
            _closed = true;
            var tasks = _turns.Where(turn => turn is Task).ToArray();
            var others = _turns.Where(turn => turn is not Task).ToList();
            _turns.Clear();
            foreach (var task in tasks) _turns.Enqueue(task);
            return others;
        }
    }

    /// <summary>After the end of <see cref="TurnLife"/>: brings about a last <see cref="OnLifeEnded"/>.</summary>
    internal void Wake()
    {
        lock (_turns)
        {
            if (_scheduled) return;
            _scheduled = true;
        }

        _life.Scheduler.Enqueue(this);
    }

    /// <summary>Instead of all turns that were still to come.</summary>
    protected virtual void OnLifeEnded()
    {
    }

    protected sealed override void QueueTask(Task task) => Post(task);

    protected sealed override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && !_completing && (ReferenceEquals(task.AsyncState, this) || ReferenceEquals(_current, this)) && TryExecuteTask(task);

    protected sealed override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_turns) return _turns.OfType<Task>().ToArray();
    }

    void RunTurnsCore()
    {
        var context = ExecutionContext.Capture();
        _current = this;
        try
        {
            for (var i = 0; i < _life.TurnsPerSlice; i++)
            {
                if (_life.Ended)
                {
                    OnLifeEnded();
                    return;
                }

                object? turn;
                lock (_turns)
                {
                    if (!_turns.TryDequeue(out turn))
                    {
                        _scheduled = false;
                        return;
                    }
                }

                try
                {
                    if (turn is Task task) TryExecuteTask(task);
                    else RunTurn(turn);
                }
                catch (Exception exception)
                {
                    // Turns handle their own errors. One that escapes is a defect of the engine, and must not stop the queue.
                    _life.Log.TurnFailed(exception, Name);
                }

                // A turn that set an async-local outside an async method must not hand it to the next turn.
                if (context is not null) ExecutionContext.Restore(context);
            }
        }
        finally
        {
            _current = null;
        }

        _life.Scheduler.Enqueue(this);
    }
}

/// <summary>What all turn queues of one engine share. Once ended, none of them runs another turn.</summary>
sealed class TurnLife(ITurnScheduler scheduler, int turnsPerSlice, EngineLog log)
{
    volatile bool _ended;

    public ITurnScheduler Scheduler { get; } = scheduler;

    public int TurnsPerSlice { get; } = turnsPerSlice;

    public EngineLog Log { get; } = log;

    public bool Ended => _ended;

    public void End() => _ended = true;
}
