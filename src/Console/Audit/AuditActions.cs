namespace SessionManager.Console.Audit;

/// <summary>The actions there are to filter by.</summary>
static class AuditActions
{
    public static IReadOnlyList<string> All { get; } =
    [
        "setup", "login.succeeded", "login.failed", "user.create", "user.change", "user.change_refused", "user.password", "user.password_refused",
        "key.create", "key.rotate", "key.revoke", "session.drop", "node.drain", "node.undrain", "node.delete", "broadcast.end",
    ];
}
