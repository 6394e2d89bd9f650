using Orleans.Runtime;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>
/// What the wire contract promises, held against every record that is stored and every answer that is given. Written from the
/// contract, not from the grains: it knows nothing of how they keep it.
/// </summary>
sealed partial class Oracle(World world)
{
    readonly SortedDictionary<string, SessionModel> _sessions = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, AccountModel> _accounts = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, NodeModel> _nodes = new(StringComparer.Ordinal);
    long _stamp;

    /// <summary>Sessions that were answered for and have ended.</summary>
    public int Lives { get; private set; }

    TimeSpan Lease => TimeSpan.FromSeconds(world.Plan.Nodes.LeaseSeconds);

    TimeSpan Token => TimeSpan.FromSeconds(world.Plan.Sessions.TokenSeconds);

    TimeSpan Idle => TimeSpan.FromSeconds(world.Plan.Sessions.IdleSeconds);

    TimeSpan Sweep => TimeSpan.FromSeconds(world.Plan.Sessions.SweepSeconds);

    public long Stamp() => ++_stamp;

    public AccountModel Account(string id) => _accounts[id];

    public NodeModel Node(string id) => _nodes[id];

    public SessionModel Session(string id) =>
        _sessions.TryGetValue(id, out var known) ? known : _sessions[id] = new SessionModel(id);

    public void AddAccount(string id) => _accounts.Add(id, new AccountModel(id, world.Plan.Accounts.MaxConcurrent));

    public void AddNode(string id, int capacity) => _nodes.Add(id, new NodeModel(id, capacity));

    public IEnumerable<SessionModel> Sessions() => _sessions.Values;

    /// <summary>A heartbeat goes out that does not name these sessions.</summary>
    public void LeavesOut(string nodeId, IReadOnlyDictionary<string, string> streaming)
    {
        foreach (var session in _accounts.Values.SelectMany(account => account.Live.Values))
        {
            if (session.Stored?.NodeId == nodeId && !streaming.ContainsKey(session.Id))
                session.LeftOut = true;
        }
    }

    public string Unfinished() => string.Join(", ", _sessions.Values.Where(s => s.IsLive).Select(s => s.Id).Take(5));

    // What is stored

    public void Committed(GrainId grain, object? old, object? next)
    {
        var stamp = Stamp();
        var key = grain.Key.ToString();
        switch (grain.Type.ToString())
        {
            case "session":
                var session = Session(key);
                SessionStored(session, (SessionRecord?)old, (SessionRecord?)next);
                session.Add(stamp, (SessionRecord?)next);
                if (world.IsTraced)
                    world.Log($"stored {key}: {Describe((SessionRecord?)next)}");
                break;
            case "account":
                _accounts[key].Add(stamp, (AccountRecord)next!);
                if (world.IsTraced)
                    world.Log($"stored {key}: {string.Join(", ", ((AccountRecord)next!).Leases.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key} until {l.Value.SlotUntil} check {l.Value.CheckAt}"))}");
                break;
            case "node":
                _nodes[key].Stored = (NodeRecord)next!;
                if (world.IsTraced)
                    world.Log($"stored {key}: lost {((NodeRecord)next!).Lost} {string.Join(", ", ((NodeRecord)next!).Places.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} until {p.Value.Until} {p.Value.Verified}"))}");
                break;
        }
    }

    static string Describe(SessionRecord? record) => record is null
        ? "none"
        : $"{record.State} {record.Reason} on {record.NodeId} placed {record.Placed} connection {record.ConnectionId} token {record.TokenExpiresAt:HH:mm:ss.fff} limit {record.MaxStreamSeconds} from {record.ConnectedAt:HH:mm:ss.fff} seq {record.LastSeq} outbox {record.Outbox.Length}";

    void SessionStored(SessionModel session, SessionRecord? old, SessionRecord? next)
    {
        if (next is null)
        {
            var readable = old!.State != SessionState.Dropped
                || world.Now - old.DroppedAt < TimeSpan.FromSeconds(world.Plan.Sessions.RetentionSeconds);
            if (session.IsAcknowledged && readable)
                world.Violate("forgotten", $"{session.Id} was answered for and is deleted ({Describe(old)})");
            Ended(session, old);
            return;
        }

        if (old is null || old.CreatedAt != next.CreatedAt || old.LastSeq > next.LastSeq)
            Minted(session, old, next);
        else
            Changed(session, old, next);
        Timeline(session, old, next);
        if (next.State == SessionState.Dropped && old?.State != SessionState.Dropped)
            Ended(session, next);
    }

    void Minted(SessionModel session, SessionRecord? old, SessionRecord next)
    {
        if (old is not null && session.IsAcknowledged)
            world.Violate("minted twice", $"{session.Id} was answered for and minted again over {Describe(old)}");
        if (next.State != SessionState.Provisioned)
            world.Violate("transition", $"{session.Id} begins as {Describe(next)}");
        session.StoredStamp = _stamp;
        // Its place may have been given long before this was stored.
        session.PlacedAt = At(next.CreatedAt);
        session.ConnectedTold.Clear();
        session.AccountId = next.AccountId;
        session.KeyId = next.KeyId;
    }

    void Changed(SessionModel session, SessionRecord old, SessionRecord next)
    {
        if (next.State < old.State || (old.State == SessionState.Provisioned && next.State == SessionState.Dropped && next.ConnectedAt is not null))
            world.Violate("transition", $"{session.Id}: {Describe(old)} became {Describe(next)}");
        if (old.State == SessionState.Dropped && (next.Reason != old.Reason || next.DroppedAt != old.DroppedAt))
            world.Violate("final", $"{session.Id} was dropped: {Describe(old)} became {Describe(next)}");
        if (old.TokenExpiresAt is not null && next.TokenExpiresAt != old.TokenExpiresAt)
            world.Violate("token life", $"{session.Id}: expiry {old.TokenExpiresAt:O} became {next.TokenExpiresAt:O}");
        if (old.ConnectedAt is not null && next.ConnectedAt != old.ConnectedAt)
            world.Violate("transition", $"{session.Id}: connected at {old.ConnectedAt:O}, then at {next.ConnectedAt:O}");
        if (next.NodeId != old.NodeId)
        {
            session.PlacedAt = world.Time.Elapsed;
            if (old.State != SessionState.Provisioned)
                world.Violate("transition", $"{session.Id} moved while it was {old.State}");
        }

        if (next.ConnectionId is { } connection && connection != old.ConnectionId)
            Connected(session, old, next, connection);
        if (next.State == SessionState.Dropped && old.State != SessionState.Dropped)
            Dropped(session, old, next);
    }

    void Connected(SessionModel session, SessionRecord old, SessionRecord next, string connection)
    {
        if (old.ConnectionId is not null)
            world.Violate("second connection", $"{session.Id}: {connection} took the place of {old.ConnectionId}");
        if (old.EndedConnections.Contains(connection))
            world.Violate("stale connection", $"{session.Id}: {connection} had ended and is back");
        if (!(next.ConnectionSince < next.TokenExpiresAt))
            world.Violate("expiry", $"{session.Id}: connected at {next.ConnectionSince:O} with a token that expired at {next.TokenExpiresAt:O}");
    }

    void Dropped(SessionModel session, SessionRecord old, SessionRecord next)
    {
        var at = next.DroppedAt!.Value;
        var connection = old.ConnectionId;
        var legal = next.Reason switch
        {
            DropReason.ClientDisconnected => connection is not null && session.CleanAsked.Contains(connection),
            DropReason.ConnectionLost => old.State == SessionState.Connected && at >= old.TokenExpiresAt
                && (connection is null || session.LeftOut || session.LostAsked.Contains(connection)),
            DropReason.Idle => old.State == SessionState.Provisioned && at >= old.LastActivityAt + Idle,
            DropReason.DurationLimit => old.ConnectedAt is { } since && old.MaxStreamSeconds is { } limit && at >= since.AddSeconds(limit),
            // A process that should be dead hears no heartbeats, and takes its nodes for lost.
            DropReason.NodeLost => world.HadZombie || _nodes[old.NodeId].MayBeLost(session.PlacedAt, world.Time.Elapsed, Lease),
            DropReason.Terminated => session.DropAsked || (session.KeyId is { } key && _accounts[old.AccountId].Revoked.ContainsKey(key)),
            DropReason.AccountSuspended => _accounts[old.AccountId].Suspended.Since(0).Contains(true),
            _ => false,
        };
        if (!legal)
            world.Violate("drop reason", $"{session.Id} was dropped for a reason there was not: {Describe(old)} became {Describe(next)} at {at:O}");
    }

    void Timeline(SessionModel session, SessionRecord? old, SessionRecord next)
    {
        var first = next.LastSeq - next.Outbox.Length + 1;
        for (var i = 0; i < next.Outbox.Length; i++)
        {
            if (next.Outbox[i].Seq != first + i)
                world.Violate("timeline", $"{session.Id}: the events kept are not in order at {next.Outbox[i]}");
        }

        var journaled = world.Journal.Timeline(session.Id);
        if (first > 1 && !journaled.ContainsKey(first - 1))
            world.Violate("timeline", $"{session.Id}: event {first - 1} is neither kept nor journaled");
        foreach (var told in next.Outbox)
        {
            if (told is { Type: "connected", ConnectionId: { } connection } && told.Seq > (old?.LastSeq ?? 0) && !session.ConnectedTold.Add(connection))
                world.Violate("repeated command", $"{session.Id}: connection {connection} is told twice");
        }
    }

    void Ended(SessionModel session, SessionRecord last)
    {
        session.EndedAt = world.Time.Elapsed;
        if (!_accounts.TryGetValue(last.AccountId, out var account) || !account.Live.Remove(session.Id))
            return;
        Lives++;
        account.StreamedSeconds += last.StreamedSeconds;
    }

    // What holds a slot or a place, by what is stored

    bool HoldsSlot(SessionRecord record) => record.State switch
    {
        SessionState.Connected => true,
        SessionState.Provisioned => world.Now < HeldUntil(record),
        _ => false,
    };

    /// <summary>When one that never connects loses its slot and its place.</summary>
    DateTimeOffset HeldUntil(SessionRecord record) => record.TokenExpiresAt ?? record.LastActivityAt + Idle;

    /// <summary>
    /// Of two processes at once, one may take back what the other has given to a session that is not connected: that one is
    /// refused when it comes. A connected one has made sure of both.
    /// </summary>
    bool Counts(SessionRecord record) => !world.HadZombie || record.State == SessionState.Connected;

    /// <param name="since">Since when the slot last taken may have been given.</param>
    void CheckSlots(AccountModel account, long since, string when)
    {
        var held = account.Live.Values.Where(session => session.Stored is { } record && Counts(record) && HoldsSlot(record)).ToList();
        var limit = account.Limit.Since(since).Max();
        if (held.Count > limit)
            world.Violate("slots", $"{when}: {account.Id} holds {held.Count} slots of {limit}: {string.Join(", ", held.Select(s => s.Id))}");
    }

    void CheckPlaces(string nodeId, int capacity, string when)
    {
        var held = _accounts.Values.SelectMany(account => account.Live.Values)
            .Where(session => session.Stored is { Placed: true } record && record.NodeId == nodeId && Counts(record) && HoldsSlot(record)
                && (record.State == SessionState.Connected || record.TokenExpiresAt is null || world.Now < record.TokenExpiresAt))
            .ToList();
        if (held.Count > capacity)
            world.Violate("places", $"{when}: {nodeId} has {held.Count} sessions on {capacity} places: {string.Join(", ", held.Select(s => s.Id))}");
    }
}
