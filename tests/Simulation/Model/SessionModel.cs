using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What the oracle knows of one session: what is stored of it, what was answered, and what was asked for.</summary>
sealed class SessionModel(string id)
{
    readonly List<(long Stamp, SessionRow? Row)> _versions = [(0, null)];
    int _claims;
    TimeSpan _claimedSince;
    long _claimedUntil;

    public string Id { get; } = id;
    public SessionRow? Stored => _versions[^1].Row;

    /// <summary>The mint was answered.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>The stamp at which it was first asked for, or a place for it.</summary>
    public long FirstAsked { get; private set; } = long.MaxValue;

    /// <summary>Something but a mint was asked of it.</summary>
    public bool IsTouched { get; set; }

    public TimeSpan EndedAt { get; set; } = TimeSpan.MaxValue;
    public long EndedStamp { get; set; }

    /// <summary>The place it has now is its own since then.</summary>
    public TimeSpan PlacedAt { get; set; }
    public HashSet<string> CleanAsked { get; } = [];
    public HashSet<string> LostAsked { get; } = [];

    /// <summary>By connection: when it was first reported.</summary>
    public Dictionary<string, DateTimeOffset> FirstReported { get; } = [];
    public bool DropAsked { get; set; }

    /// <summary>Somebody was answered with its token's expiry, and so may hold the token.</summary>
    public bool TokenTold { get; set; }

    /// <summary>A heartbeat of its node left it out.</summary>
    public bool LeftOut { get; set; }

    /// <summary>How many heartbeats in a row of its node did not name it, while it was connected by this connection.</summary>
    public int Missed { get; set; }
    public string? MissedConnection { get; set; }

    public void AskedFor(long stamp) => FirstAsked = Math.Min(FirstAsked, stamp);

    /// <summary>Something is asked for that may keep the slot beyond what is stored: a token, a connect.</summary>
    public void ClaimBegun(TimeSpan now)
    {
        if (_claims++ == 0)
            _claimedSince = now;
        IsTouched = true;
    }

    public void ClaimEnded(long stamp)
    {
        _claims--;
        _claimedUntil = stamp;
    }

    /// <summary>For how long a connect may have been under way that counts from its beginning once it is stored.</summary>
    public TimeSpan Claimed(TimeSpan now) => _claims > 0 ? now - _claimedSince : TimeSpan.Zero;

    public bool WasClaimed(long since) => _claims > 0 || _claimedUntil >= since;

    public bool IsLive => Stored is { State: not SessionState.Dropped };

    public void Add(long stamp, SessionRow? row) => _versions.Add((stamp, row));

    /// <summary>Every version that was the stored one at some time since, the latest first.</summary>
    public IEnumerable<SessionRow?> Since(long stamp)
    {
        for (var i = _versions.Count - 1; i >= 0; i--)
        {
            yield return _versions[i].Row;
            if (_versions[i].Stamp <= stamp)
                yield break;
        }
    }
}

/// <summary>A value somebody changes, of which for a while nobody can say whether it is the old or the new one.</summary>
sealed class Uncertain<T>(T value)
{
    readonly List<(long From, long To, T Value)> _spans = [(0, long.MaxValue, value)];

    public void Asked(long stamp, T value) => _spans.Add((stamp, long.MaxValue, value));

    /// <summary>The change last asked for is known to hold.</summary>
    public void Answered(long stamp)
    {
        for (var i = 0; i < _spans.Count - 1; i++)
        {
            if (_spans[i].To == long.MaxValue)
                _spans[i] = _spans[i] with { To = stamp };
        }
    }

    public IEnumerable<T> Since(long stamp) => _spans.Where(span => span.To >= stamp).Select(span => span.Value);

    public IEnumerable<T> Now => _spans.Where(span => span.To == long.MaxValue).Select(span => span.Value);
}
