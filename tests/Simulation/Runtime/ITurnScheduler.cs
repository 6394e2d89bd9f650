namespace SessionManager.Simulation.Runtime;

/// <summary>Something with turns to run: an activation, or what arrives from another thread.</summary>
interface ITurnSource
{
    /// <summary>The identity, for a trace.</summary>
    string Name { get; }

    /// <summary>Runs the next turn; with more of them waiting it asks the scheduler again.</summary>
    void RunTurn();
}

/// <summary>
/// Where every turn of a silo passes: requests, timer ticks, storage completions, continuations, collection. A source is in the
/// scheduler at most once, so whatever order it picks, turns of one source neither overlap nor overtake.
/// </summary>
interface ITurnScheduler
{
    /// <summary>
    /// Calls <see cref="ITurnSource.RunTurn"/> once, soon, on the silo's thread, and not from within this call. Whether other
    /// threads may ask is the scheduler's own matter.
    /// </summary>
    void Enqueue(ITurnSource source);
}
