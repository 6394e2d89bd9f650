using System.Collections.Immutable;

namespace SessionManager.Sessions;

/// <summary>The next version of a session being put together, with its events and usage.</summary>
sealed class SessionDraft(SessionRow row)
{
    readonly SessionRow _before = row;
    ImmutableArray<SessionEvent> _events = [];
    ImmutableArray<UsageEntry> _usage = [];

    public SessionRow Row { get; set; } = row;

    public void Append(
        DateTimeOffset at, string type, string? nodeId = null, string? connectionId = null, string? detail = null, long? streamed = null)
    {
        Row = Row with { LastSeq = Row.LastSeq + 1 };
        _events = _events.Add(new SessionEvent(Row.LastSeq, at, type, nodeId, connectionId, detail, streamed / 1000.0));
    }

    public void Use(DateOnly day, long milliseconds, int sessions) => _usage = _usage.Add(new UsageEntry(day, milliseconds, sessions));

    public SessionChange Done(DateTimeOffset now, SessionOptions options) =>
        new(
            ReferenceEquals(Row, _before) && Row.Version > 0
                ? Row
                : Row with
                {
                    Version = Row.Version + 1,
                    HoldsUntil = SessionMachine.HoldsUntil(Row, options),
                    NextDeadline = SessionMachine.NextDeadline(Row, options),
                    // A late write must not put back what was taken off a row this old, and may have gone to another.
                    IdempotencyKey = now - Row.CreatedAt >= IdempotencyKeys.Life ? null : Row.IdempotencyKey,
                },
            _events,
            _usage);
}
