using SessionManager.Nodes;

namespace SessionManager.Simulation;

/// <summary>What the oracle knows of a streaming node.</summary>
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
    public string? SignalingUrl { get; set; }

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
