using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What must have happened by now, and what must be left when all is over.</summary>
sealed partial class Oracle
{
    /// <summary>What the storage and the calls between grains take at most where nothing is wrong.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    /// <summary>What a request takes at most where nothing is wrong, with many others under way.</summary>
    static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    /// <summary>How old a mint gets at most: a place or a slot that was promised to an older one is nobody's.</summary>
    static readonly TimeSpan LongestMint = TimeSpan.FromSeconds(12);

    /// <summary>More turns than an account can have had that nobody spoke to for a while.</summary>
    const long BusyAccount = 100;

    /// <summary>How exactly the hours of a month are kept.</summary>
    static readonly TimeSpan HoursMeasured = TimeSpan.FromSeconds(1);

    /// <summary>Every session has ended by its deadline plus one sweep, counted from the last fault.</summary>
    public void CheckDeadlines()
    {
        var blameless = LatestOf(world.DisturbedUntil, world.UpSince, world.SplitUntil);
        foreach (var row in _accounts.Keys.SelectMany(account => world.Sessions.Live(OwnerKind.Account, account)))
        {
            if (Due(row, blameless) is { } due && world.Time.Elapsed - LatestOf(due, blameless) is var late && late > Sweep + Slack)
                world.Violate("deadline", $"should have ended {late.TotalSeconds:0.0} s ago: {Describe(row)}");
        }

        foreach (var row in world.Sessions.LongestDropped(5))
            MustBeForgotten(row, blameless);
        foreach (var account in _accounts.Values.Where(account => account.MonthlyHours is not null))
            MustStopStreaming(account, blameless);
    }

    /// <summary>When it must be over, or elsewhere, by what is stored of it; null: nothing is known.</summary>
    TimeSpan? Due(SessionRow row, TimeSpan blameless)
    {
        TimeSpan? due = null;
        if (row.State == SessionState.Provisioned)
            Earliest(At(row.LastActivityAt + Idle));
        if (row is { State: SessionState.Connected, ConnectionId: null, TokenExpiresAt: { } expiry })
            Earliest(At(expiry));
        var limits = _accounts[row.AccountId].MaxStreamSeconds.Now.ToList();
        if (row.ConnectedAt is { } since && limits.All(limit => limit is not null))
            Earliest(At(since.AddSeconds(limits.Max()!.Value)));
        var node = _nodes[row.NodeId];
        if (Holds(row, world.Now) && node.LastReport + Lease < world.Time.Elapsed)
            // A process that starts gives every node a whole lease to be heard of again, from when it first looks after it.
            Earliest(LatestOf(node.LastReport, At(row.CreatedAt), blameless + Sweep) + Lease);
        return due;

        void Earliest(TimeSpan at) => due = due is { } other && other < at ? other : at;
    }

    void MustBeForgotten(SessionRow row, TimeSpan blameless)
    {
        if (world.Time.Elapsed - LatestOf(At(row.DroppedAt!.Value + Retention), Session(row.SessionId).EndedAt, blameless) > Sweep + Slack + Slack)
            world.Violate("retention", $"could be read until {row.DroppedAt + Retention:O} and is still there: {Describe(row)}");
    }

    void MustStopStreaming(AccountModel account, TimeSpan blameless)
    {
        var isUsedUp = Used(account, world.Now) >= TimeSpan.FromHours(account.MonthlyHours!.Value) + HoursMeasured;
        account.UsedUpSince = isUsedUp ? account.UsedUpSince ?? world.Time.Elapsed : null;
        if (account.UsedUpSince is not { } since || world.Time.Elapsed - LatestOf(since, blameless) <= 2 * Sweep + Slack)
            return;
        foreach (var row in world.Sessions.Live(OwnerKind.Account, account.Id).Where(row => row.ConnectionId is not null))
            world.Violate("hours", $"streams on after the month's hours of {account.Id} were used up: {Describe(row)}");
    }

    TimeSpan At(DateTimeOffset instant) => world.Time.Elapsed + (instant - world.Now);

    static TimeSpan LatestOf(params ReadOnlySpan<TimeSpan> times)
    {
        var latest = times[0];
        foreach (var time in times)
            latest = time > latest ? time : latest;
        return latest;
    }

    /// <summary>From here on nobody speaks to any account.</summary>
    public void BeginRest()
    {
        foreach (var activation in world.Engine?.Silo.Activations() ?? [])
            activation.Turns = 0;
    }

    /// <summary>All clients and nodes are gone, every deadline has passed, nothing was wrong for a while.</summary>
    public void CheckAtRest()
    {
        foreach (var row in world.Sessions.Rows)
        {
            if (row.State != SessionState.Dropped)
                world.Violate("deadline", $"never ended: {Describe(row)}");
            var events = world.Sessions.Events(row.SessionId);
            if (!events.Select(one => one.Seq).SequenceEqual(Enumerable.Range(1, row.LastSeq)) || events[0].Type != "minted" || events[^1].Type != "dropped")
                world.Violate("timeline", $"{Describe(row)} is told as {string.Join(", ", events.Select(one => $"{one.Seq} {one.Type}"))}");
        }

        foreach (var session in _sessions.Values.Where(session => session is { IsAcknowledged: true, Stored: null, EndedAt.Ticks: long.MaxValue }))
            world.Violate("forgotten", $"{session.Id} was answered for and there is nothing of it");
        foreach (var account in _accounts.Values)
            Usage(account);
        foreach (var reminder in world.Records.Reminders.Where(reminder => reminder.GrainId.Type.ToString() != "sweep"))
            world.Violate("reminder leak", $"{reminder.GrainId} still has '{reminder.ReminderName}'");
        foreach (var activation in world.Engine!.Silo.Activations())
        {
            var type = activation.GrainId.Type.ToString();
            if (type == "session" || (type == "account" && activation.Turns > BusyAccount))
                world.Violate("activation leak", $"{activation.GrainId} has had {activation.Turns} turns and is still active");
        }
    }

    void Usage(AccountModel account)
    {
        var stored = world.Sessions.Usage.Where(entry => entry.Key.Account == account.Id).Select(entry => entry.Value).ToList();
        if (stored.Sum(entry => entry.Milliseconds) != account.Streamed.Values.Sum()
            || stored.Sum(entry => entry.Sessions) != account.Connected.Values.Sum()
            || stored.Any(entry => entry.Milliseconds != account.Streamed.GetValueOrDefault(entry.Day) || entry.Sessions != account.Connected.GetValueOrDefault(entry.Day)))
        {
            world.Violate("usage", $"{account.Id} streamed {string.Join(", ", account.Streamed)} and is charged {string.Join(", ", stored)}");
        }
    }

    /// <summary>A day after all is over.</summary>
    public void CheckNextDay(IEnumerable<Nodes.Node> nodes)
    {
        foreach (var row in world.Sessions.Rows.Where(row => row.IdempotencyKey is not null))
            world.Violate("retention", $"keeps its key for more than a day: {Describe(row)}");
        foreach (var node in nodes)
            world.Violate("retention", $"{node.NodeId} has been lost for more than a day and is still known");
    }
}
