using Orleans;

namespace SessionManager.Sessions;

/// <summary>
/// Ends what no timer ended, and deletes what can be read no more. Timers are the fast way, the sweep is the one that
/// outlives every process. One grain, key <see cref="Key"/>.
/// </summary>
[Alias("SessionManager.ISweepGrain")]
public interface ISweepGrain : IGrainWithStringKey
{
    const string Key = "sweep";

    /// <summary>Sees to it that it runs from here on, in whatever process. Idempotent.</summary>
    Task Start();
}
