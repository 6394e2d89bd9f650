using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Owners;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>
/// An account's slots: what is taken, which of the account's sessions were minted under which <c>Idempotency-Key</c>, when one of
/// them next needs to be woken, and what they have streamed.
/// </summary>
public sealed class Slots(TimeProvider time) : Holdings
{
    readonly Dictionary<string, string> _sessionsByKey = new(StringComparer.Ordinal);
    readonly PriorityQueue<string, DateTimeOffset> _deadlines = new();

    /// <summary>They follow the rows: each change that is heard of is counted, and where one may have been missed they are read anew.</summary>
    public StreamHours Hours { get; } = new();

    /// <summary>Why no slot can be given now; null: one can.</summary>
    public Refusal? WhyNone(int limit, DateTimeOffset now)
    {
        var active = Held(now);
        if (active < limit)
            return null;
        return new Refusal(
            ErrorCatalogue.ConcurrentLimit,
            // Where the end of a slot is known, the caller is told to come again at the earliest one.
            RetryAfterSeconds: NextLapse(now) is { } at ? Math.Max(1, (int)Math.Ceiling((at - now).TotalSeconds)) : null,
            Details: new UsageDetails { ActiveCount = active, Limit = limit });
    }

    /// <summary>The live session that was minted under this key; null where none is known of.</summary>
    public string? MintedUnder(string idempotencyKey)
    {
        if (!_sessionsByKey.TryGetValue(idempotencyKey, out var sessionId))
            return null;
        if (Find(sessionId)?.Session?.IdempotencyKey == idempotencyKey)
            return sessionId;
        _sessionsByKey.Remove(idempotencyKey);
        return null;
    }

    /// <summary>A session was stored that nobody has been told of yet: until it is woken, its deadlines are the account's to keep.</summary>
    public void Minted(SessionReport session)
    {
        Hear(session);
        Await(session);
    }

    /// <summary>A session was dropped; what it streamed at last is counted, and it holds nothing any more.</summary>
    public void Dropped(SessionReport report)
    {
        if (Find(report.SessionId)?.Session is { } before)
            Hours.Add(before, report, time.Now());
        Remove(report.SessionId);
    }

    protected override void Heard(SessionReport before, SessionReport after) => Hours.Add(before, after, time.Now());

    protected override void Lost() => Hours.Forget();

    public override void Reset(IEnumerable<SessionReport> rows)
    {
        _sessionsByKey.Clear();
        _deadlines.Clear();
        base.Reset(rows);
        // Their session grains may not be awake, so this account keeps their deadlines.
        foreach (var holding in All)
            Await(holding.Session!);
    }

    public DateTimeOffset? NextDeadline => _deadlines.TryPeek(out _, out var at) ? at : null;

    /// <summary>Takes out the sessions whose deadline has passed: they are to be woken, and keep their own deadlines from then on.</summary>
    public IReadOnlyList<string> TakeDue(DateTimeOffset now)
    {
        List<string> due = [];
        while (_deadlines.TryPeek(out var sessionId, out var at) && at <= now)
        {
            _deadlines.Dequeue();
            if (Find(sessionId)?.Session?.NextDeadline == at)
                due.Add(sessionId);
        }

        return due;
    }

    void Await(SessionReport session)
    {
        if (session.IdempotencyKey is { } key)
            _sessionsByKey[key] = session.SessionId;
        if (session.NextDeadline is { } at)
            _deadlines.Enqueue(session.SessionId, at);
    }
}
