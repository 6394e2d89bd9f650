using System.Collections.Immutable;
using Orleans.Runtime;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>
/// What the wire contract promises, held against every row that is stored and every answer that is given. Written from the
/// contract, not from the grains: it knows nothing of how they keep it. Two processes at once excuse nothing but what
/// <see cref="IsSplit"/> is asked for.
/// </summary>
sealed partial class Oracle(World world)
{
    readonly SortedDictionary<string, SessionModel> _sessions = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, AccountModel> _accounts = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, NodeModel> _nodes = new(StringComparer.Ordinal);
    DateTimeOffset _latest;
    long _stamp;

    /// <summary>Requests that failed long after two processes ran.</summary>
    int _lessons;

    /// <summary>Sessions that were answered for and have ended.</summary>
    public int Lives { get; private set; }

    TimeSpan Lease => TimeSpan.FromSeconds(world.Plan.Nodes.LeaseSeconds);

    TimeSpan Token => TimeSpan.FromSeconds(world.Plan.Sessions.TokenSeconds);

    TimeSpan Idle => TimeSpan.FromSeconds(world.Plan.Sessions.IdleSeconds);

    TimeSpan Sweep => TimeSpan.FromSeconds(world.Plan.Sessions.SweepSeconds);

    TimeSpan Retention => TimeSpan.FromSeconds(world.Plan.Sessions.RetentionSeconds);

    /// <summary>
    /// The latest that the wall clock ever said: what has lapsed by one reading of it may be given away, even where the clock is set
    /// back afterwards.
    /// </summary>
    DateTimeOffset Latest => _latest = world.Now > _latest ? world.Now : _latest;

    /// <summary>To be told before the wall clock is set: what it said last counts, also where nobody had looked.</summary>
    public void ClockIsSet() => _ = Latest;

    public long Stamp() => ++_stamp;

    public AccountModel Account(string id) => _accounts[id];

    public NodeModel Node(string id) => _nodes[id];

    public SessionModel Session(string id) =>
        _sessions.TryGetValue(id, out var known) ? known : _sessions[id] = new SessionModel(id);

    public void AddAccount(string id) => _accounts.Add(id, new AccountModel(id, world.Plan));

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

    public string Unfinished() => string.Join(", ", _sessions.Values.Where(session => session.IsLive).Select(session => session.Id).Take(5));

    /// <summary>Two processes run, or ran until a moment ago: an old one hears nothing of what the new one is told, and the other way round.</summary>
    bool IsSplit(TimeSpan since) => world.SplitUntil + Lease + Sweep + Slack >= since;

    /// <summary>There were two processes at some time, or a write that came late.</summary>
    bool HadSplit => world.SplitUntil > TimeSpan.MinValue;

    // What is stored

    public void RecordWritten(GrainId grain, object? record)
    {
        Stamp();
        if (record is not NodeRecord node)
            return;
        _nodes[grain.Key.ToString()!].Stored = node;
        if (world.IsTraced)
            world.Log($"stored {grain}: lost {node.Lost} draining {node.Draining} registered {node.Registration is not null}");
    }

    public void RowWritten(SessionRow? old, SessionChange change, ImmutableArray<Fence> fences)
    {
        var stamp = Stamp();
        var next = change.Row;
        var session = Session(next.SessionId);
        if (world.IsTraced)
            world.Log($"stored {Describe(next)} ({string.Join(", ", change.Events.Select(one => one.Type))})");
        var streamed = Streamed(old, change);
        if (old is null)
            Inserted(session, next);
        else
            Updated(session, old, next);
        Held(old, next, fences);
        Timeline(old, change);
        Used(old, change, streamed);
        session.Add(stamp, next);
        Room(old, next);
        if (next.State == SessionState.Dropped && old?.State != SessionState.Dropped)
            Ended(session);
    }

    public void RowCleaned(SessionRow row, SessionRow? next)
    {
        var stamp = Stamp();
        if (next is null)
        {
            if (row.State != SessionState.Dropped || Latest - row.DroppedAt < Retention
                || (row.IdempotencyKey is not null && Latest - row.CreatedAt < IdempotencyKeys.Life))
                world.Violate("forgotten", $"deleted: {Describe(row)}");
        }
        else if (Latest - row.CreatedAt < IdempotencyKeys.Life)
        {
            world.Violate("forgotten", $"{row.SessionId} loses its key {row.IdempotencyKey} before a day is over");
        }

        Session(row.SessionId).Add(stamp, next);
    }

    void Ended(SessionModel session)
    {
        session.EndedAt = world.Time.Elapsed;
        session.EndedStamp = _stamp;
        var account = _accounts[session.Stored!.AccountId];
        account.Ended.Add(session);
        if (account.Live.Remove(session.Id))
            Lives++;
    }

    IEnumerable<SessionModel> LiveOf(AccountModel account) => world.Sessions.Live(OwnerKind.Account, account.Id).Select(row => Session(row.SessionId));

    /// <summary>All that were live at some time since.</summary>
    IEnumerable<SessionModel> LiveSince(AccountModel account, long stamp)
    {
        foreach (var session in LiveOf(account))
            yield return session;
        for (var i = account.Ended.Count - 1; i >= 0 && account.Ended[i].EndedStamp >= stamp; i--)
            yield return account.Ended[i];
    }

    static string Describe(SessionRow? row) => row is null
        ? "nothing"
        : $"{row.SessionId} v{row.Version} {row.State} {row.Reason} of {row.AccountId} on {row.NodeId} connection {row.ConnectionId} token {row.TokenExpiresAt:HH:mm:ss.fff} active {row.LastActivityAt:HH:mm:ss.fff} connected {row.ConnectedAt:HH:mm:ss.fff} ends {row.StreamEndsAt:HH:mm:ss.fff} holds until {row.HoldsUntil:HH:mm:ss.fff} next {row.NextDeadline:HH:mm:ss.fff} seq {row.LastSeq}";
}
