using SessionManager.Api.Auth;
using SessionManager.Audit;

namespace SessionManager.Api.Admin;

/// <summary>
/// Who did what to whom, and from where. An entry is durable before its act begins: a crash between the two leaves an entry
/// for what then did not happen, never an act without its entry.
/// </summary>
sealed class AuditTrail(IAuditLog log, TimeProvider time)
{
    /// <param name="target">The id of what it is done to.</param>
    /// <param name="detail">What changes; never a secret.</param>
    public Task Record(HttpContext http, string action, string? target, string? detail = null)
    {
        var caller = http.Features.Get<Caller>();
        return log.Append(new AuditEntry(
            time.GetUtcNow(),
            caller?.AccountId,
            caller?.KeyId,
            action,
            target,
            detail,
            http.Connection.RemoteIpAddress?.ToString(),
            http.TraceIdentifier));
    }
}

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
    public const string NodeDrain = "node.drain";
    public const string NodeUndrain = "node.undrain";
    public const string NodeDelete = "node.delete";
}
