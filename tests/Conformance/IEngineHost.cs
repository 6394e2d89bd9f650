namespace SessionManager.Conformance;

/// <summary>
/// An engine with the grains of this assembly, in this process. State and reminders outlive <see cref="RestartAsync"/>; the clock
/// of timers and reminders is <see cref="Time"/>.
/// </summary>
public interface IEngineHost : IAsyncDisposable
{
    IClusterClient Client { get; }

    /// <summary>What the grains have reported.</summary>
    Probe Probe { get; }

    ManualTimeProvider Time { get; }

    /// <summary>Stops in order and starts again on the same storage.</summary>
    Task RestartAsync();

    /// <summary>Lets the response timeout of calls under way pass, in whatever clock the engine measures it.</summary>
    Task PassResponseTimeoutAsync();

    /// <summary>
    /// Storage of both hosts reports "writing" to the probe and waits at the gate <paramref name="gate"/>, from now on.
    /// </summary>
    void HoldWrites(string gate);

    /// <summary>Replaces a stored record, as another activation of the grain somewhere else would.</summary>
    Task WriteBehindTheEngineAsync<T>(GrainId grain, string name, T state);
}
