using SessionManager.Accounts;
using SessionManager.Nodes;

namespace SessionManager.Simulation;

sealed class AccountModel(string id, int limit)
{
    readonly List<(long Stamp, AccountRecord Record)> _versions = [];

    public string Id { get; } = id;
    public AccountRecord? Stored => _versions.Count == 0 ? null : _versions[^1].Record;
    public Uncertain<int> Limit { get; } = new(limit);
    public Uncertain<bool> Suspended { get; } = new(false);

    /// <summary>Sessions answered for that are not known to have ended.</summary>
    public SortedDictionary<string, SessionModel> Live { get; } = new(StringComparer.Ordinal);

    /// <summary>By key: the stamp at which its revocation was asked for, and answered.</summary>
    public Dictionary<string, (long Asked, long Answered)> Revoked { get; } = [];

    /// <summary>The key its users mint with now.</summary>
    public string Key { get; set; } = "key_0";

    /// <summary>By Idempotency-Key: the stamp at which it was first asked with.</summary>
    public Dictionary<string, long> FirstAsked { get; } = [];

    /// <summary>By Idempotency-Key: the session first answered.</summary>
    public Dictionary<string, string> Idempotent { get; } = [];

    /// <summary>Mints asked for and not answered yet; those that ended, with the stamp they ended at.</summary>
    public List<(long From, long To)> Mints { get; } = [];

    /// <summary>Callers in the queue, likewise: who leaves it may be given a place all the same.</summary>
    public List<(long From, long To)> Waits { get; } = [];

    /// <summary>What all ended sessions streamed.</summary>
    public double StreamedSeconds { get; set; }

    public void Add(long stamp, AccountRecord record)
    {
        if (_versions.Count == 64)
            _versions.RemoveRange(0, 32);
        _versions.Add((stamp, record));
    }

    public IEnumerable<AccountRecord> Since(long stamp)
    {
        for (var i = _versions.Count - 1; i >= 0; i--)
        {
            yield return _versions[i].Record;
            if (_versions[i].Stamp <= stamp)
                yield break;
        }
    }
}

sealed class NodeModel(string id, int capacity)
{
    TimeSpan _lastHeard = TimeSpan.MinValue;

    public string Id { get; } = id;
    public NodeRecord? Stored { get; set; }
    public Uncertain<int> Capacity { get; } = new(capacity);

    /// <summary>The largest it ever was: a node made smaller keeps what it has.</summary>
    public int LargestCapacity { get; set; } = capacity;

    /// <summary>The latest instant at which its lease may have run out.</summary>
    public TimeSpan MayBeLostAt { get; private set; } = TimeSpan.MinValue;

    /// <summary>When a report of it last came, which may be a late copy of one: the lease is counted from there.</summary>
    public TimeSpan LastReport { get; set; } = TimeSpan.MinValue;
    public bool DeleteAsked { get; set; }

    /// <summary>It is registered and takes new sessions, as far as it knows.</summary>
    public bool IsOpen { get; set; }
    public bool ImageToVideo { get; set; }

    public void Heard(TimeSpan sent, TimeSpan answered, TimeSpan lease)
    {
        if (_lastHeard == TimeSpan.MinValue || answered - _lastHeard >= lease)
            MayBeLostAt = answered;
        if (sent > _lastHeard)
            _lastHeard = sent;
    }

    public bool MayBeLost(TimeSpan since, TimeSpan now, TimeSpan lease) =>
        DeleteAsked || MayBeLostAt >= since || _lastHeard == TimeSpan.MinValue || now - _lastHeard >= lease;
}
