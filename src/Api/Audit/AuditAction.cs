namespace SessionManager.Api.Audit;

/// <summary>What an entry's <c>action</c> can be.</summary>
static class AuditAction
{
    public const string Setup = "setup";
    public const string LoginSucceeded = "login.succeeded";
    public const string LoginFailed = "login.failed";
    public const string UserCreate = "user.create";
    public const string UserChange = "user.change";

    /// <summary>The entry before it says what was refused.</summary>
    public const string UserChangeRefused = "user.change_refused";
    public const string PasswordChange = "user.password";

    /// <summary>The entry before it says of whom.</summary>
    public const string PasswordChangeRefused = "user.password_refused";
    public const string KeyCreate = "key.create";
    public const string KeyRotate = "key.rotate";
    public const string KeyRevoke = "key.revoke";
    public const string SessionDrop = "session.drop";
    public const string BroadcastEnd = "broadcast.end";
    public const string NodeDrain = "node.drain";
    public const string NodeUndrain = "node.undrain";
    public const string NodeDelete = "node.delete";
}
