using System.Collections.Frozen;

namespace SessionManager.Keys;

/// <summary>
/// What a key may be allowed, each for itself: there is no inheritance (seed: API keys, "Scopes"). A route that names none
/// of these is closed to every key.
/// </summary>
public static class Scopes
{
    public const string ProfileRead = "profile:read";
    public const string SessionsRead = "sessions:read";
    public const string SessionsWrite = "sessions:write";
    public const string BroadcastsRead = "broadcasts:read";
    public const string BroadcastsWrite = "broadcasts:write";
    public const string NodesRead = "nodes:read";

    /// <summary>Only an administrator's key may hold it.</summary>
    public const string NodesReport = "nodes:report";
    public const string UsageRead = "usage:read";

    public static FrozenSet<string> All { get; } = new[]
    {
        ProfileRead, SessionsRead, SessionsWrite, BroadcastsRead, BroadcastsWrite, NodesRead, NodesReport, UsageRead,
    }.ToFrozenSet();
}
