namespace SessionManager.InProcess;

/// <summary>
/// A task scheduler that runs one turn at a time, in order. Code that runs in it comes back to it after every await.
/// </summary>
abstract class TurnQueue(TurnLife life, string name) : TaskScheduler, ITurnSource
{
    [ThreadStatic] static TurnQueue? _current;
    [ThreadStatic] static bool _completing;
    static readonly Action<object?> RunTurns = static queue => ((TurnQueue)queue!).RunTurnsCore();

    readonly Queue<object> _turns = new(1);
    bool _scheduled;
    bool _closed;

    /// <summary>The queue whose turn is running on this thread.</summary>
    public static TurnQueue? Running => _current;
    public string Name { get; } = name;

    /// <summary>Completes a task from within a turn: whoever awaits it, here or elsewhere, continues in a later turn.</summary>
    public static void Complete<TState>(Action<TState> completion, TState state)
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

    // A task of our own makes this queue TaskScheduler.Current for everything that runs inside.
    void ITurnSource.RunSlice() => new Task(RunTurns, this).RunSynchronously(this);

    /// <summary>After the end of <see cref="TurnLife"/>: brings about a last <see cref="OnLifeEnded"/>.</summary>
    public void Wake()
    {
        lock (_turns)
        {
            if (_scheduled) return;
            _scheduled = true;
        }

        life.Scheduler.Enqueue(this);
    }

    /// <summary>Adds a turn to the end: a task, an action, or what the derived class runs. False: it will never run.</summary>
    protected bool Post(object turn)
    {
        lock (_turns)
        {
            if (life.Ended || (_closed && turn is not Task)) return false;
            _turns.Enqueue(turn);
            if (_scheduled) return true;
            _scheduled = true;
        }

        life.Scheduler.Enqueue(this);
        return true;
    }

    protected void Post(Action turn) => Post((object)turn);

    /// <summary>From now on only tasks are taken: continuations of what has already started. Returns the turns that were waiting.</summary>
    protected List<object> Close()
    {
        lock (_turns)
        {
            _closed = true;
            var turns = _turns.ToLookup(turn => turn is Task);
            _turns.Clear();
            foreach (var task in turns[true]) _turns.Enqueue(task);
            return [.. turns[false]];
        }
    }

    /// <summary>Runs a turn that is neither task nor action.</summary>
    protected virtual void RunTurn(object turn) => throw new NotSupportedException();

    /// <summary>Instead of all turns that were still to come.</summary>
    protected virtual void OnLifeEnded() { }

    protected sealed override void QueueTask(Task task) => Post((object)task);

    protected sealed override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && !_completing && (ReferenceEquals(task.AsyncState, this) || ReferenceEquals(_current, this)) && TryExecuteTask(task);

    protected sealed override IEnumerable<Task> GetScheduledTasks() => [];

    void RunTurnsCore()
    {
        var context = ExecutionContext.Capture();
        _current = this;
        try
        {
            for (var i = 0; i < life.TurnsPerSlice; i++)
            {
                if (life.Ended)
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
                    else if (turn is Action action) action();
                    else RunTurn(turn);
                }
                catch (Exception exception)
                {
                    // Turns handle their own errors. One that escapes is a defect of the engine, and must not stop the queue.
                    life.Log.TurnFailed(exception, Name);
                }

                // A turn that set an async-local outside an async method must not hand it to the next turn.
                if (context is not null) ExecutionContext.Restore(context);
            }
        }
        finally
        {
            _current = null;
        }

        life.Scheduler.Enqueue(this);
    }
}

/// <summary>What all turn queues of one engine share. Once ended, none of them runs another turn.</summary>
sealed class TurnLife(InProcessOptions options, EngineLog log)
{
    public ITurnScheduler Scheduler { get; } = options.Scheduler;
    public int TurnsPerSlice { get; } = options.TurnsPerSlice;
    public EngineLog Log { get; } = log;
    public volatile bool Ended;
}
