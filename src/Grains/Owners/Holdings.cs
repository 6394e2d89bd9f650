using System.Diagnostics.CodeAnalysis;
using SessionManager.Sessions;

namespace SessionManager.Owners;

/// <summary>
/// All that the live sessions of one owner hold. Never says "free" of what a row may hold: a promise stays until the row
/// shows that its write has landed or never will, or until the epoch it was given under is over (<see cref="Reset"/>).
/// May say "held" of what is free already; a look (<see cref="Merge"/>) puts that right.
/// </summary>
public class Holdings
{
    readonly Dictionary<string, Holding> _all = new(StringComparer.Ordinal);
    readonly PriorityQueue<Holding, DateTimeOffset> _lapses = new();
    int _held;
    long _mark;
    long _tickets;

    /// <summary>Everything known, also what has lapsed and is not dropped yet. In no order.</summary>
    public IReadOnlyCollection<Holding> All => _all.Values;

    /// <summary>How many are held now.</summary>
    public int Held(DateTimeOffset now)
    {
        while (_lapses.TryPeek(out var holding, out var at) && at <= now)
        {
            _lapses.Dequeue();
            if (IsCurrent(holding, at))
                Uncount(holding);
        }

        return _held;
    }

    /// <summary>When the next one lapses by itself; null where none does.</summary>
    public DateTimeOffset? NextLapse(DateTimeOffset now)
    {
        Held(now);
        while (_lapses.TryPeek(out var holding, out var at))
        {
            if (IsCurrent(holding, at))
                return at;
            _lapses.Dequeue();
        }

        return null;
    }

    public Holding? Find(string sessionId) => _all.GetValueOrDefault(sessionId);

    /// <summary>Whether the session holds its slot or place now.</summary>
    public bool TryFindHeld(string sessionId, DateTimeOffset now, [NotNullWhen(true)] out Holding? holding)
    {
        Held(now);
        return _all.TryGetValue(sessionId, out holding) && holding.Counted;
    }

    /// <summary>
    /// Promises until another instant, instead of what was promised before. The ticket names the promise. Before there is a row, every
    /// promise counts until it is taken back: two activations may mint the same session, and either may be the one that stores it.
    /// </summary>
    /// <param name="version">Of the row that this is decided on; 0: it is yet to be stored.</param>
    /// <param name="until">null: until it is given back.</param>
    public long Promise(string sessionId, long version, DateTimeOffset? until, DateTimeOffset now)
    {
        var holding = FindOrAdd(sessionId);
        var before = holding.Until;
        holding.Promise = new Promise(++_tickets, version, until ?? Holding.Forever, now, version == 0 ? holding.Promise : null);
        Count(holding, before);
        return _tickets;
    }

    /// <summary>What was promised under the ticket is not used, and never will be.</summary>
    public void TakeBack(string sessionId, long ticket)
    {
        if (!_all.TryGetValue(sessionId, out var holding))
            return;
        var before = holding.Until;
        holding.Promise = holding.Promise?.Without(ticket);
        if (holding.Session is null && holding.Promise is null)
            Forget(holding);
        else
            Count(holding, before);
    }

    /// <summary>A row was written. One that is not known here is not added: the message may be older than its end.</summary>
    public void Hear(SessionReport report)
    {
        if (_all.TryGetValue(report.SessionId, out var holding))
            Hear(holding, report);
    }

    /// <summary>The session is dropped, or elsewhere for good: it holds nothing here any more.</summary>
    public void Remove(string sessionId)
    {
        if (_all.TryGetValue(sessionId, out var holding))
            Forget(holding);
    }

    /// <summary>A new epoch: what is in the rows, and nothing else.</summary>
    public virtual void Reset(IEnumerable<SessionReport> rows)
    {
        _all.Clear();
        _lapses.Clear();
        _held = 0;
        foreach (var row in rows)
            Hear(FindOrAdd(row.SessionId), row);
        Lost();
    }

    /// <summary>Where a reading of the rows begins: what is heard of after it is newer than the reading.</summary>
    public long Mark() => ++_mark;

    /// <summary>Takes over a reading of the owner's live rows.</summary>
    /// <param name="mark">Taken when the reading began.</param>
    /// <returns>Whether there are rows that are not known here: another activation has written them, unless they were dropped meanwhile.</returns>
    public bool Merge(IReadOnlyCollection<SessionReport> rows, long mark)
    {
        var unknown = false;
        foreach (var row in rows)
        {
            if (_all.TryGetValue(row.SessionId, out var holding))
                Hear(holding, row);
            else
                unknown = true;
        }

        var live = rows.Select(row => row.SessionId).ToHashSet(StringComparer.Ordinal);
        // What is only promised stays: its row may be on its way.
        var gone = _all.Values.Where(known => known.Session is not null && known.HeardAt < mark && !live.Contains(known.SessionId)).ToArray();
        foreach (var holding in gone)
            Forget(holding);
        if (gone.Length > 0)
            Lost();
        return unknown;
    }

    /// <summary>
    /// Whether something is held only by a promise of that age, or is held without end only because of one: the write it was given for
    /// may never have been begun.
    /// </summary>
    public bool HasStalePromise(DateTimeOffset now, TimeSpan age) => _all.Values.Any(holding =>
        holding is { Counted: true, Promise: { } promise } && promise.At <= now - age
        && (holding.StoredUntil <= now || (promise.HeldUntil == Holding.Forever && holding.StoredUntil != Holding.Forever)));

    /// <summary>A row that was known has a newer version.</summary>
    protected virtual void Heard(SessionReport before, SessionReport after)
    {
    }

    /// <summary>Rows that were known are gone, or all were read anew: their last changes have not been heard.</summary>
    protected virtual void Lost()
    {
    }

    void Hear(Holding holding, SessionReport report)
    {
        if (report.Version < holding.Session?.Version)
            return;
        var (before, known) = (holding.Until, holding.Session);
        holding.HeardAt = ++_mark;
        // A version that is known already is not stored again, and the id keeps its first string: each reading makes new copies.
        if (report.Version != known?.Version)
            holding.Session = report with { SessionId = holding.SessionId };
        holding.Promise = holding.Promise?.After(report.Version);
        Count(holding, before);
        if (known is not null)
            Heard(known, report);
    }

    Holding FindOrAdd(string sessionId)
    {
        if (!_all.TryGetValue(sessionId, out var holding))
            _all.Add(sessionId, holding = new Holding(sessionId));
        return holding;
    }

    void Forget(Holding holding)
    {
        Uncount(holding);
        _all.Remove(holding.SessionId);
    }

    /// <summary>It counts as held again where the instant it is held until has changed.</summary>
    void Count(Holding holding, DateTimeOffset before)
    {
        var until = holding.Until;
        if (until == before)
            return;
        if (!holding.Counted)
        {
            holding.Counted = true;
            _held++;
        }

        if (until != Holding.Forever)
            _lapses.Enqueue(holding, until);
    }

    void Uncount(Holding holding)
    {
        if (!holding.Counted)
            return;
        holding.Counted = false;
        _held--;
    }

    bool IsCurrent(Holding holding, DateTimeOffset until) =>
        holding.Counted && holding.Until == until && _all.GetValueOrDefault(holding.SessionId) == holding;
}
