namespace SessionManager.Console.Sessions;

/// <summary>Why sessions are dropped, in words.</summary>
static class Reasons
{
    public static IReadOnlyList<(string Reason, string Text)> All { get; } =
    [
        ("client_disconnected", "Client left"),
        ("connection_lost", "Connection lost"),
        ("idle", "Never connected"),
        ("duration_limit", "Duration limit"),
        ("node_lost", "Node lost"),
        ("terminated", "Terminated"),
        ("account_suspended", "Account suspended"),
    ];

    public static string Text(string? reason) =>
        reason is null ? "" : All.FirstOrDefault(known => known.Reason == reason).Text ?? reason;
}
