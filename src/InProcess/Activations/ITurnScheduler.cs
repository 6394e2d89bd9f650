namespace SessionManager.InProcess;

/// <summary>Something with turns to run: an activation, an observer, or the engine's own bookkeeping.</summary>
public interface ITurnSource
{
    /// <summary>The identity, for a trace.</summary>
    string Name { get; }

    /// <summary>
    /// Runs the next <see cref="InProcessOptions.TurnsPerSlice"/> turns at most; with more of them waiting it asks the scheduler
    /// again. Never throws.
    /// </summary>
    void RunSlice();
}

/// <summary>
/// Where every turn of the engine passes: message deliveries, timer ticks, storage completions, continuations, collection.
/// A source is in the scheduler at most once, so whatever order it picks, turns of one source neither overlap nor overtake.
/// </summary>
public interface ITurnScheduler
{
    /// <summary>Calls <see cref="ITurnSource.RunSlice"/> once, soon, and not from within this call.</summary>
    void Enqueue(ITurnSource source);
}

/// <summary>The scheduler for production: the .NET thread pool.</summary>
public sealed class ThreadPoolTurnScheduler : ITurnScheduler
{
    public void Enqueue(ITurnSource source) =>
        ThreadPool.UnsafeQueueUserWorkItem(static source => source.RunSlice(), source, preferLocal: false);
}
