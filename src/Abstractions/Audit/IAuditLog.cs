using SessionManager.Lists;

namespace SessionManager.Audit;

/// <param name="Actor">The account that acted; null where nobody was signed in.</param>
/// <param name="KeyId">The key it acted with, if any.</param>
/// <param name="Action">user.create, user.change, key.create, key.revoke, session.drop, login.failed, …</param>
/// <param name="Target">The id of what it was done to.</param>
/// <param name="Detail">What changed, never a secret.</param>
/// <param name="Address">Where the request came from.</param>
public sealed record AuditEntry(
    DateTimeOffset At, string? Actor, string? KeyId, string Action, string? Target, string? Detail, string? Address, string? RequestId);

/// <summary>Which entries a list shows; what is null is not asked for.</summary>
/// <param name="Since">The first instant shown.</param>
/// <param name="Until">The first instant not shown any more.</param>
public sealed record AuditFilter(
    string? Actor = null, string? Target = null, string? Action = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>Who did what to whom. Entries are only ever added.</summary>
public interface IAuditLog
{
    /// <summary>Completes when the entry is durable.</summary>
    Task Append(AuditEntry entry);

    /// <summary>Newest first.</summary>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="limit">1 to 200.</param>
    /// <exception cref="FormatException">The cursor is not one of ours.</exception>
    Task<Page<AuditEntry>> List(AuditFilter filter, string? cursor, int limit, CancellationToken cancellation);
}
