using SessionManager.Api.Auth;
using SessionManager.Audit;

namespace SessionManager.Api.Audit;

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
