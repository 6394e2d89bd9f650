namespace SessionManager.Sessions;

public static class DropReasons
{
    /// <summary>The reason as the wire spells it.</summary>
    public static string Name(DropReason reason) => reason switch
    {
        DropReason.ClientDisconnected => "client_disconnected",
        DropReason.ConnectionLost => "connection_lost",
        DropReason.Idle => "idle",
        DropReason.DurationLimit => "duration_limit",
        DropReason.NodeLost => "node_lost",
        DropReason.Terminated => "terminated",
        DropReason.AccountSuspended => "account_suspended",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "A reason the wire does not know."),
    };
}
