using SessionManager.Errors;

namespace SessionManager.Nodes;

/// <summary>
/// A node as it is stored. Its places are not in here: they are the rows of its live sessions. Nor is its lease: after a crash it is
/// given a whole one to be heard of again.
/// </summary>
public sealed record NodeRecord
{
    /// <summary>The shape of this record; a reader of an older shape fills in what is missing.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Who registered it; null: nobody, its id is free.</summary>
    public string? OwnerId { get; init; }

    /// <summary>null: never registered, or deleted.</summary>
    public NodeRegistration? Registration { get; init; }
    public bool Draining { get; init; }

    /// <summary>Its lease ran out; it has not been heard of since.</summary>
    public bool Lost { get; init; }
    public DateTimeOffset? LostAt { get; init; }

    /// <summary>Whether it gives places to new sessions.</summary>
    public bool TakesNew => this is { Registration: not null, Draining: false, Lost: false };

    public static NodeRecord Deleted { get; } = new();

    public NodeRecord Register(string ownerId, NodeRegistration registration) =>
        HeardOf() with { OwnerId = ownerId, Registration = registration };

    /// <summary>
    /// Places may have been promised by the earlier record that this one has not, also by an activation that does not know this one: a
    /// new epoch has to stop them.
    /// </summary>
    public bool GivesFewerThan(NodeRecord earlier) =>
        Draining && !earlier.Draining || Registration?.Capacity < earlier.Registration?.Capacity;

    public NodeRecord Lose(DateTimeOffset now) => this with { Lost = true, LostAt = now };

    public NodeRecord HeardOf() => Lost ? this with { Lost = false, LostAt = null } : this;

    /// <summary>Whether it has been lost for so long that nobody need know of it.</summary>
    public bool IsToBeForgotten(DateTimeOffset now, TimeSpan after) => Lost && Registration is not null && now - LostAt >= after;

    /// <summary>Why the account may not speak for the node; null: it may.</summary>
    /// <param name="accountId">null for an administrator.</param>
    public Refusal? WhyNotBy(string? accountId)
    {
        if (Registration is null)
            return new Refusal(ErrorCatalogue.NodeNotFound);
        return accountId is null || accountId == OwnerId ? null : new Refusal(ErrorCatalogue.NodeOwned);
    }

    /// <summary>null where it is not registered.</summary>
    public Node? View(string nodeId, int used, double? load, DateTimeOffset? lastHeardAt) => Registration is not { } registration
        ? null
        : new Node
        {
            NodeId = nodeId,
            OwnerId = OwnerId!,
            Region = registration.Region,
            Model = registration.Model,
            Capacity = registration.Capacity,
            Used = used,
            Capabilities = registration.Capabilities,
            SignalingUrl = registration.SignalingUrl,
            PingUrl = registration.PingUrl,
            Load = load ?? registration.Load,
            Draining = Draining,
            Live = !Lost,
            LastHeardAt = lastHeardAt ?? LostAt,
        };
}
