namespace SessionManager.Client;

/// <summary>Something that a stream of events tells.</summary>
/// <param name="Id">Where to go on after it; <see langword="null"/>: where the one before said.</param>
public abstract record ServerEvent(string? Id);

/// <summary>The stream stands.</summary>
/// <param name="Id">Where to go on after it.</param>
/// <param name="Resumed">Whether all that happened since the event named comes now.</param>
public sealed record StreamReadyEvent(string? Id, bool Resumed) : ServerEvent(Id);

/// <summary>A session's timeline has got a line.</summary>
/// <param name="Id">Where to go on after it.</param>
/// <param name="SessionId">The session.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Event">The line.</param>
public sealed record SessionChangedEvent(string? Id, string SessionId, string AccountId, SessionEvent Event) : ServerEvent(Id);

/// <summary>A node has changed, or is gone.</summary>
/// <param name="Id">Where to go on after it.</param>
/// <param name="NodeId">The node.</param>
/// <param name="State">One of <see cref="NodeStates"/>, or <c>deleted</c>.</param>
public sealed record NodeChangedEvent(string? Id, string NodeId, string State) : ServerEvent(Id);

/// <summary>Something was done to a key.</summary>
/// <param name="Id">Where to go on after it.</param>
/// <param name="KeyId">The key.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Action">As <c>key.create</c> or <c>key.revoke</c>.</param>
public sealed record KeyChangedEvent(string? Id, string KeyId, string AccountId, string Action) : ServerEvent(Id);

/// <summary>Events were left out: read again what you keep.</summary>
/// <param name="Id">Where to go on after it.</param>
/// <param name="Count">How many at least.</param>
public sealed record EventsSkippedEvent(string? Id, int Count) : ServerEvent(Id);

/// <summary>Nothing has happened for a while, and the stream still stands.</summary>
/// <param name="Id">Where to go on after it.</param>
public sealed record StreamAliveEvent(string? Id) : ServerEvent(Id);

sealed record StreamReady(bool Resumed);

sealed record SessionNews(string SessionId, string AccountId, SessionEvent Event);

sealed record NodeNews(string NodeId, string State);

sealed record KeyNews(string KeyId, string AccountId, string Action);

sealed record EventsSkipped(int Count);
