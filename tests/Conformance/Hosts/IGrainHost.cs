using Microsoft.Extensions.Time.Testing;

namespace SessionManager.Conformance;

/// <summary>
/// Something that runs the grains of this assembly. State and reminders outlive <see cref="RestartAsync"/>; grain timers and
/// reminders go by <see cref="Time"/>.
/// </summary>
public interface IGrainHost : IAsyncDisposable
{
    IGrainFactory Grains { get; }

    /// <summary>What the grains have reported.</summary>
    Probe Probe { get; }

    FakeTimeProvider Time { get; }

    Task StartAsync();

    /// <summary>Stops in order and starts again on the same storage.</summary>
    Task RestartAsync();

    /// <summary>Lets the response timeout of calls under way pass, where the host measures it by <see cref="Time"/>.</summary>
    void PassResponseTimeout();

    /// <summary>Storage reports "writing" to the probe and waits at the gate, from now on.</summary>
    void HoldWrites(string gate);

    /// <summary>Replaces a stored record, as another activation of the grain somewhere else would.</summary>
    void WriteBehind<T>(GrainId grain, string name, T state);
}
