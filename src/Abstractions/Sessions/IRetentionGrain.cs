using Orleans;

namespace SessionManager.Sessions;

/// <summary>Deletes the records of sessions that can be read no more. One grain, key <see cref="Key"/>.</summary>
[Alias("SessionManager.IRetentionGrain")]
public interface IRetentionGrain : IGrainWithStringKey
{
    const string Key = "retention";

    /// <summary>Sees to it that it runs from here on, in whatever process. Idempotent.</summary>
    Task Start();
}
