using SessionManager.Client;

namespace SessionManager.Console.Keys;

/// <summary>What each scope opens, for whoever has to choose.</summary>
static class ScopeTexts
{
    public static IReadOnlyList<(string Scope, string Opens)> All { get; } =
    [
        (KeyScopes.SessionsWrite, "Mint credentials and sessions, and drop sessions"),
        (KeyScopes.SessionsRead, "List and read sessions, and follow them as they change"),
        (KeyScopes.UsageRead, "Read the hours used and what is left of the month"),
        (KeyScopes.ProfileRead, "Read your profile: name, permissions and limits"),
        (KeyScopes.NodesRead, "List and read streaming nodes"),
        (KeyScopes.BroadcastsRead, "List broadcasts"),
        (KeyScopes.BroadcastsWrite, "Make view-only tokens and end broadcasts"),
    ];

    /// <summary>Only an administrator's key may hold it: a node is handed other users' sessions.</summary>
    public static (string Scope, string Opens) ForAdministrators { get; } =
        (KeyScopes.NodesReport, "Run a streaming node: register it and report for it");
}
