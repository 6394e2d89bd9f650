using SessionManager.Sessions;

namespace SessionManager.Api.Events;

/// <summary>Something that a stream of events tells.</summary>
/// <param name="Type">The SSE event: ready, session, node, key or skipped.</param>
/// <param name="AccountId">Whose it is; null: everyone's.</param>
/// <param name="Cursor">Where a stream goes on after it; null: where it was.</param>
/// <param name="Identity">The same for the same news, however often it is read.</param>
/// <param name="Json">What it says.</param>
sealed record ServerEvent(string Type, string? AccountId, string? Cursor, string? Identity, string Json);

/// <summary>A session has changed: the line that its timeline has got.</summary>
public sealed record SessionNews(string SessionId, string AccountId, SessionEvent Event);

/// <summary>A node has changed, or is gone.</summary>
/// <param name="State">`live`, `draining`, `lost` or `deleted`.</param>
public sealed record NodeNews(string NodeId, string State, string Region, int Capacity, int Used);

/// <summary>Something was done to a key.</summary>
/// <param name="Action">As the audit names it, such as `key.create` or `key.revoke`.</param>
public sealed record KeyNews(string KeyId, string AccountId, string Action, DateTimeOffset At);

/// <summary>The stream has begun, or goes on.</summary>
/// <param name="Resumed">Whether everything since `Last-Event-ID` comes; otherwise it begins now.</param>
public sealed record StreamReady(bool Resumed);

/// <summary>Events were left out, because the reader was too slow or was away for too long: read again what is shown.</summary>
/// <param name="Count">How many at least.</param>
public sealed record EventsSkipped(int Count);
