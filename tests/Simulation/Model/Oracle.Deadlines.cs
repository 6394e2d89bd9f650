using SessionManager.Accounts;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What must have happened by now, and what must be left when all is over.</summary>
sealed partial class Oracle
{
    /// <summary>What the storage and the calls between grains take at most where nothing is wrong.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    /// <summary>What a request takes at most where nothing is wrong, with many others under way.</summary>
    static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    /// <summary>How often a process reads what reminders there are, as Orleans does.</summary>
    static readonly TimeSpan RemindersRead = TimeSpan.FromMinutes(5);

    /// <summary>How old a mint gets at most: a place or a slot of an older one that was not answered is nobody's.</summary>
    static readonly TimeSpan LongestMint = TimeSpan.FromSeconds(10);

    /// <summary>
    /// An activation that does not know that another has written is late until it writes itself, or the sweep has it look again; and
    /// there may be no sweep before the reminder that the other registered is learned of.
    /// </summary>
    public TimeSpan MendedAfter => (Idle > RemindersRead ? Idle : RemindersRead) + Sweep;

    TimeSpan Mended => world.SplitUntil + MendedAfter;

    /// <summary>Every session has ended by its deadline plus one sweep, counted from the last fault.</summary>
    public void CheckDeadlines()
    {
        var blameless = TimeSpan.FromTicks(Math.Max(world.DisturbedUntil.Ticks, world.UpSince.Ticks));
        if (Mended > blameless)
            blameless = Mended;
        foreach (var account in _accounts.Values)
        {
            foreach (var session in account.Live.Values)
            {
                if (session.Stored is { Placed: true } placed && world.Time.Elapsed - Latest(session.PlacedAt, blameless) > LongestMint)
                    HasPlace(session, placed);
                if (session.Stored is not { } record || Due(session, record, blameless) is not { } due)
                    continue;
                var late = world.Time.Elapsed - (due > blameless ? due : blameless);
                if (late > Sweep + Slack)
                    world.Violate("deadline", $"{session.Id} should have ended {late.TotalSeconds:0.0} s ago: {Describe(record)}");
            }

            foreach (var (sessionId, lease) in account.Stored?.Leases ?? [])
            {
                var since = Session(sessionId).EndedAt > blameless ? Session(sessionId).EndedAt : blameless;
                // A drop of one that was never connected may have been cut off: its slot lapses with its token.
                if (lease.HoldsSlot(world.Now) && Session(sessionId).Stored is { State: SessionState.Dropped, ConnectedAt: not null } && world.Time.Elapsed - since > Sweep + Slack)
                    world.Violate("deadline", $"{sessionId} ended {(world.Time.Elapsed - since).TotalSeconds:0.0} s ago and still holds its slot");
            }
        }

        foreach (var node in _nodes.Values)
        {
            foreach (var (sessionId, place) in node.Stored is { Lost: false } stored ? stored.Places : [])
            {
                var session = Session(sessionId);
                if (!place.IsTaken(world.Now) || NeededUntil(session, node.Id, place) is not { } needed)
                    continue;
                var since = At(DateTimeOffset.FromUnixTimeMilliseconds(place.TakenAt));
                var late = world.Time.Elapsed - Latest(since, needed, blameless) - LongestMint;
                if (late > 2 * Sweep + Slack)
                    world.Violate("place leak", $"{node.Id} keeps a place for {sessionId}: {place}; {Describe(session.Stored)}");
            }
        }
    }

    /// <summary>A session that may still be connected has the place it counts on, also when nobody asks for it.</summary>
    void HasPlace(SessionModel session, SessionRecord record)
    {
        if (!world.HadZombie && record.State == SessionState.Provisioned && HoldsSlot(record)
            && _nodes[record.NodeId].Stored is { Lost: false, Registration: not null } node
            && !(node.Places.TryGetValue(session.Id, out var place) && place.IsTaken(world.Now)))
            world.Violate("both or neither", $"{session.Id} counts on a place on {record.NodeId} and has none");
    }

    /// <summary>Until when the session needed its place on the node; null where it does, or may.</summary>
    TimeSpan? NeededUntil(SessionModel session, string nodeId, Place place) => session.Stored switch
    {
        // What a crash left of a mint.
        null => TimeSpan.MinValue,
        { State: SessionState.Provisioned } record when !_accounts[record.AccountId].Stored!.Leases.ContainsKey(session.Id) => TimeSpan.MinValue,
        // A drop of one that was never connected may have been cut off: its place lapses with its token.
        { State: SessionState.Dropped, ConnectedAt: not null } => session.EndedAt,
        // Held open for a connect that came to nothing: the node, which streams nothing, misses it with its second heartbeat.
        { State: SessionState.Dropped } when place.Until is null => session.EndedAt + Lease,
        { State: not SessionState.Dropped } moved when moved.NodeId != nodeId => session.PlacedAt,
        _ => null,
    };

    static TimeSpan Latest(params ReadOnlySpan<TimeSpan> times)
    {
        var latest = times[0];
        foreach (var time in times)
            latest = time > latest ? time : latest;
        return latest;
    }

    TimeSpan? Due(SessionModel session, SessionRecord record, TimeSpan blameless)
    {
        TimeSpan? due = null;
        if (record.State == SessionState.Provisioned)
            Earliest(At(record.LastActivityAt + Idle));
        if (record is { State: SessionState.Connected, ConnectionId: null, TokenExpiresAt: { } expiry })
            Earliest(At(expiry));
        if (record is { ConnectedAt: { } since, MaxStreamSeconds: { } limit })
            Earliest(At(since.AddSeconds(limit)));
        var node = _nodes[record.NodeId];
        if (record.State == SessionState.Connected && node.LastReport + Lease < world.Time.Elapsed && !world.HadZombie)
            // A process that starts gives every node a whole lease to be heard of again.
            Earliest((node.LastReport > blameless ? node.LastReport : blameless + Sweep) + Lease);
        return due;

        void Earliest(TimeSpan at) => due = due is { } other && other < at ? other : at;
    }

    TimeSpan At(DateTimeOffset instant) => world.Time.Elapsed + (instant - world.Now);

    /// <summary>All clients and nodes are gone, every deadline has passed, nothing was wrong for a while.</summary>
    public void CheckAtRest()
    {
        foreach (var session in _sessions.Values.Where(session => session.IsAcknowledged))
            AtRest(session);
        foreach (var account in _accounts.Values)
        {
            // What a crash left of a mint that was not answered holds nothing any more; the account's next use clears it away.
            var forgotten = !world.Store.Reminders.Any(reminder => reminder.GrainId.ToString() == $"account/{account.Id}");
            foreach (var (sessionId, lease) in account.Stored?.Leases.Where(lease =>
                !forgotten || lease.Value.HoldsSlot(world.Now) || Session(lease.Key).IsAcknowledged) ?? [])
                world.Violate("slot leak", $"{account.Id} still keeps a lease for {sessionId}: {lease}; {Describe(Session(sessionId).Stored)}");
            Usage(account);
        }

        foreach (var node in _nodes.Values)
        {
            foreach (var (sessionId, place) in node.Stored?.Places ?? [])
                world.Violate("place leak", $"{node.Id} still keeps a place for {sessionId}: {place}; {Describe(Session(sessionId).Stored)}");
        }

        foreach (var reminder in world.Store.Reminders)
            world.Violate("reminder leak", $"{reminder.GrainId} still has '{reminder.ReminderName}'");
        foreach (var activation in world.Engine!.Activations())
            world.Violate("activation leak", $"{activation.GrainId} is still active");
    }

    void AtRest(SessionModel session)
    {
        if (session.Stored is { State: not SessionState.Dropped } record)
            world.Violate("deadline", $"{session.Id} never ended: {Describe(record)}");
        var timeline = world.Journal.Timeline(session.Id);
        var last = session.Stored?.LastSeq ?? timeline.Count;
        for (var seq = 1; seq <= last; seq++)
        {
            if (!timeline.ContainsKey(seq))
                world.Violate("timeline", $"{session.Id}: event {seq} of {last} is not journaled");
        }

        if (timeline.Count != last || timeline.Count == 0 || timeline[1].Type != "minted" || timeline[last].Type != "dropped")
            world.Violate("timeline", $"{session.Id}: {timeline.Count} events of {last}: {string.Join(", ", timeline.Values.Select(told => told.Type))}");
    }

    /// <summary>Every streamed second is counted once (a month that began meanwhile has its own count).</summary>
    void Usage(AccountModel account)
    {
        // Two processes may each have their own view of when a stream ended.
        if (world.HadZombie || account.Stored is not { } record || record.Month.Month != world.Plan.Start.Month || world.Now.Month != world.Plan.Start.Month)
            return;
        if (Math.Abs(record.StreamedSeconds - account.StreamedSeconds) > 0.001)
            world.Violate("usage", $"{account.Id} streamed {account.StreamedSeconds:0.000} s and is charged for {record.StreamedSeconds:0.000} s");
    }
}
