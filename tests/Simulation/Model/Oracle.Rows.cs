using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What may become of a row.</summary>
sealed partial class Oracle
{
    void Inserted(SessionModel session, SessionRow next)
    {
        if (session.IsAcknowledged)
            world.Violate("minted twice", $"{session.Id} was answered for and is minted again");
        if (next.State != SessionState.Provisioned)
            world.Violate("transition", $"begins as {Describe(next)}");
        session.PlacedAt = world.Time.Elapsed;
        var account = _accounts[next.AccountId];
        if (account.Suspended.Now.All(suspended => suspended))
            world.Violate("suspension", $"minted for an account that is suspended: {Describe(next)}");
        if (next.KeyId is { } key && account.Revoked.TryGetValue(key, out var revoked) && revoked.Answered != long.MaxValue)
            world.Violate("revocation", $"minted with {key}, which is revoked: {Describe(next)}");
    }

    void Updated(SessionModel session, SessionRow old, SessionRow next)
    {
        if (next.Version != old.Version + 1)
            world.Violate("version", $"{Describe(old)} was overwritten by {Describe(next)}");
        if (next.State < old.State || (old.State == SessionState.Provisioned && next.State == SessionState.Dropped && next.ConnectedAt is not null))
            world.Violate("transition", $"{Describe(old)} became {Describe(next)}");
        if (old.State == SessionState.Dropped && (next.Reason != old.Reason || next.DroppedAt != old.DroppedAt))
            world.Violate("final", $"{Describe(old)} became {Describe(next)}");
        if (old.TokenExpiresAt is not null && next.TokenExpiresAt != old.TokenExpiresAt)
            world.Violate("token life", $"{session.Id}: expiry {old.TokenExpiresAt:O} became {next.TokenExpiresAt:O}");
        if (old.ConnectedAt is not null && next.ConnectedAt != old.ConnectedAt)
            world.Violate("transition", $"{session.Id}: connected at {old.ConnectedAt:O}, then at {next.ConnectedAt:O}");
        if (next.AccountId != old.AccountId || next.KeyId != old.KeyId || next.CreatedAt != old.CreatedAt)
            world.Violate("transition", $"{Describe(old)} became another's: {Describe(next)}");
        if (next.IdempotencyKey != old.IdempotencyKey && (next.IdempotencyKey is not null || Latest - old.CreatedAt < IdempotencyKeys.Life))
            world.Violate("repeated command", $"{session.Id}: its key {old.IdempotencyKey} became {next.IdempotencyKey}");
        if (next.NodeId != old.NodeId)
            Moved(session, old, next);
        if (next.ConnectionId is { } connection && connection != old.ConnectionId)
            Connected(session, old, next, connection);
        if (old.ConnectionId is { } lost && next is { ConnectionId: null, State: SessionState.Connected } && !session.LeftOut && !session.LostAsked.Contains(lost))
            world.Violate("stale connection", $"{session.Id}: {lost} was ended, and nobody said so");
        if (next.State == SessionState.Dropped && old.State != SessionState.Dropped)
            Dropped(session, old, next);
        if (next.State != SessionState.Dropped && next.LastActivityAt > old.LastActivityAt)
            WentOn(old, next);
    }

    /// <summary>Whoever comes after a deadline, before anybody has noticed it, finds the session as the deadline left it.</summary>
    void WentOn(SessionRow old, SessionRow next)
    {
        if (old.State == SessionState.Provisioned && next.LastActivityAt >= old.LastActivityAt + Idle)
            world.Violate("deadline", $"was idle for too long, and went on: {Describe(old)} became {Describe(next)}");
        if (next.TokenExpiresAt <= next.LastActivityAt && !next.TokenExpiryNoted)
            world.Violate("deadline", $"went on, and its token's end was not noted: {Describe(old)} became {Describe(next)}");
    }

    void Moved(SessionModel session, SessionRow old, SessionRow next)
    {
        session.PlacedAt = world.Time.Elapsed;
        if (old.State != SessionState.Provisioned)
            world.Violate("transition", $"{session.Id} moved while it was {old.State}");
        if (next.NodeSignalingUrl != old.NodeSignalingUrl)
            world.Violate("address", $"{session.Id} moved from {old.NodeSignalingUrl}, where its client goes, to {next.NodeSignalingUrl}");
    }

    void Connected(SessionModel session, SessionRow old, SessionRow next, string connection)
    {
        if (old.ConnectionId is not null)
            world.Violate("second connection", $"{session.Id}: {connection} took the place of {old.ConnectionId}");
        if (old.EndedConnections.Contains(connection))
            world.Violate("stale connection", $"{session.Id}: {connection} had ended and is back");
        if (!(next.ConnectionSince < next.TokenExpiresAt))
            world.Violate("expiry", $"{session.Id}: connected at {next.ConnectionSince:O} with a token that expired at {next.TokenExpiresAt:O}");
        if (_accounts[next.AccountId].Suspended.Now.All(suspended => suspended))
            world.Violate("suspension", $"connected though the account is suspended: {Describe(next)}");
    }

    void Dropped(SessionModel session, SessionRow old, SessionRow next)
    {
        var at = next.DroppedAt!.Value;
        var connection = old.ConnectionId;
        var account = _accounts[old.AccountId];
        var node = _nodes[old.NodeId];
        var legal = next.Reason switch
        {
            DropReason.ClientDisconnected => connection is not null && session.CleanAsked.Contains(connection),
            DropReason.ConnectionLost => old.State == SessionState.Connected && (old.TokenExpiryNoted || at >= old.TokenExpiresAt)
                && (connection is null || session.LeftOut || session.LostAsked.Contains(connection)),
            DropReason.Idle => old.State == SessionState.Provisioned && at >= old.LastActivityAt + Idle,
            DropReason.DurationLimit => old.State == SessionState.Connected && HasLastedTooLong(account, old, at),
            // A process that should be dead hears no heartbeats, and takes its nodes for lost.
            DropReason.NodeLost => IsSplit(world.Time.Elapsed) || node.MayBeLost(session.PlacedAt, world.Time.Elapsed, Lease),
            DropReason.Terminated => session.DropAsked || (old.KeyId is { } key && account.Revoked.ContainsKey(key)),
            DropReason.AccountSuspended => account.Suspended.Since(0).Contains(true),
            _ => false,
        };
        if (!legal)
            world.Violate("drop reason", $"for a reason there was not: {Describe(old)} became {Describe(next)} at {at:O}; limits {string.Join(' ', account.MaxStreamSeconds.Since(0))}, used {Used(account, at)} of {account.MonthlyHours} h");
        if (next.Reason == DropReason.NodeLost && old is { State: SessionState.Provisioned } && Holds(old, world.Now) && !node.DeleteAsked)
            CouldHaveMoved(old);
    }

    bool HasLastedTooLong(AccountModel account, SessionRow row, DateTimeOffset at) =>
        account.StreamLimits.Any(limit => limit.EndsAt(row, at, world.Time.SetBack + Slack))
        // Noticed late, when exactly they were used up is only known as well as the other streams' ends.
        || (account.MonthlyHours is { } hours && MostUsed(account, world.Now) + (world.Now - at) >= TimeSpan.FromHours(hours) - HoursMeasured);

    /// <summary>With the connects that are under way: each may be stored already, and streams from when it was asked for.</summary>
    TimeSpan MostUsed(AccountModel account, DateTimeOffset at) =>
        Used(account, at) + new TimeSpan(LiveOf(account).Sum(session => session.Claimed(world.Time.Elapsed).Ticks));

    /// <summary>What its connections streamed in the month (UTC) of that instant, up to it.</summary>
    TimeSpan Used(AccountModel account, DateTimeOffset at)
    {
        var month = new DateTimeOffset(at.Year, at.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var ended = account.Streamed.Where(day => day.Key.Year == at.Year && day.Key.Month == at.Month).Sum(day => day.Value);
        var running = world.Sessions.Live(OwnerKind.Account, account.Id)
            .Where(row => row.ConnectionSince is not null)
            .Sum(row => Math.Max(0, (at - (row.ConnectionSince > month ? row.ConnectionSince.Value : month)).TotalMilliseconds));
        return TimeSpan.FromMilliseconds(ended + running);
    }

    /// <summary>Until when it takes its slot and its place, when it must be looked at, and under whose word it takes them.</summary>
    void Held(SessionRow? old, SessionRow next, ImmutableArray<Fence> fences)
    {
        DateTimeOffset? until = next switch
        {
            { State: SessionState.Provisioned } => next.TokenExpiresAt ?? next.LastActivityAt + Idle,
            { ConnectionId: not null } => null,
            _ => next.TokenExpiresAt,
        };
        if (next.State != SessionState.Dropped && next.HoldsUntil != until)
            world.Violate("held", $"holds until {until:O} by its state, and it says: {Describe(next)}");

        DateTimeOffset? due = next switch
        {
            { State: SessionState.Dropped } => null,
            { State: SessionState.Provisioned } => next.LastActivityAt + Idle,
            { ConnectionId: null } => next.TokenExpiresAt,
            _ => next.StreamEndsAt,
        };
        if (due is not null && !(next.NextDeadline <= due))
            world.Violate("deadline", $"nobody will look at {due:O}: {Describe(next)}");
        if (next is { State: SessionState.Dropped, NextDeadline: not null })
            world.Violate("deadline", $"it is over and will be looked at for ever: {Describe(next)}");

        // Every write that takes or holds a slot or place names the epochs it was decided under.
        var before = Until(old);
        var after = Until(next);
        if (after <= world.Now)
            return;
        var takesSlot = after > before;
        if (takesSlot && !fences.Any(fence => fence.Kind == OwnerKind.Account && fence.Id == next.AccountId))
            world.Violate("fence", $"holds its slot longer by nobody's word: {Describe(old)} became {Describe(next)}");
        if ((takesSlot || old?.NodeId != next.NodeId) && !fences.Any(fence => fence.Kind == OwnerKind.Node && fence.Id == next.NodeId))
            world.Violate("fence", $"holds its place by nobody's word: {Describe(old)} became {Describe(next)}");
    }

    static DateTimeOffset Until(SessionRow? row) => row is null or { State: SessionState.Dropped }
        ? DateTimeOffset.MinValue
        : row.HoldsUntil ?? DateTimeOffset.MaxValue;

    static bool Holds(SessionRow? row, DateTimeOffset now) => Until(row) > now;

    void Timeline(SessionRow? old, SessionChange change)
    {
        var seq = old?.LastSeq ?? 0;
        foreach (var one in change.Events)
        {
            if (one.Seq != ++seq)
                world.Violate("timeline", $"{change.Row.SessionId}: after event {seq - 1} comes {one}");
        }

        if (seq != change.Row.LastSeq)
            world.Violate("timeline", $"{change.Row.SessionId} counts {change.Row.LastSeq} events and has {seq}");
        Tells("minted", old is null);
        Tells("token_issued", old?.TokenExpiresAt is null && change.Row.TokenExpiresAt is not null);
        Tells("moved", old is not null && old.NodeId != change.Row.NodeId);
        Tells("connected", change.Row.ConnectionId is not null && change.Row.ConnectionId != old?.ConnectionId);
        Tells("dropped", change.Row.State == SessionState.Dropped && old?.State != SessionState.Dropped);
        Tells("connection_lost", old?.ConnectionId is not null && change.Row.ConnectionId is null && change.Row.State != SessionState.Dropped);

        void Tells(string type, bool happened)
        {
            if (change.Events.Count(one => one.Type == type) != (happened ? 1 : 0))
                world.Violate("timeline", $"{Describe(old)} became {Describe(change.Row)}, told as {string.Join(", ", change.Events.Select(one => one.Type))}");
        }
    }

    /// <summary>By day (UTC): what the connection streamed that has ended with this change, if one has.</summary>
    SortedDictionary<DateOnly, long> Streamed(SessionRow? old, SessionChange change)
    {
        var next = change.Row;
        var account = _accounts[next.AccountId];
        var expected = new SortedDictionary<DateOnly, long>();
        if (old is { ConnectionId: not null, ConnectionSince: { } since } && next.ConnectionId != old.ConnectionId)
        {
            var at = change.Events.FirstOrDefault(one => one.Type is "connection_lost" or "dropped")?.At ?? world.Now;
            for (var from = since; from < at;)
            {
                var day = DateOnly.FromDateTime(from.UtcDateTime);
                var to = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
                to = to < at ? to : at;
                expected[day] = (long)(to - from).TotalMilliseconds;
                account.Streamed[day] = account.Streamed.GetValueOrDefault(day) + expected[day];
                from = to;
            }
        }

        return expected;
    }

    /// <summary>Every streamed millisecond is counted once, on the day (UTC) it was streamed.</summary>
    void Used(SessionRow? old, SessionChange change, SortedDictionary<DateOnly, long> expected)
    {
        var next = change.Row;
        var account = _accounts[next.AccountId];
        var told = change.Usage.Where(entry => entry.Milliseconds > 0).GroupBy(entry => entry.Day).ToDictionary(day => day.Key, day => day.Sum(entry => entry.Milliseconds));
        if (!expected.OrderBy(day => day.Key).SequenceEqual(told.OrderBy(day => day.Key))
            || expected.Values.Sum() != next.StreamedMilliseconds - (old?.StreamedMilliseconds ?? 0))
            world.Violate("usage", $"{Describe(old)} became {Describe(next)} and is charged {string.Join(", ", change.Usage)}");

        var first = old is not null && old.ConnectedAt is null && next.ConnectedAt is not null;
        if (change.Usage.Sum(entry => entry.Sessions) != (first ? 1 : 0))
            world.Violate("usage", $"{Describe(old)} became {Describe(next)} and counts {change.Usage.Sum(entry => entry.Sessions)} sessions");
        if (first)
        {
            var day = DateOnly.FromDateTime(next.ConnectedAt!.Value.UtcDateTime);
            account.Connected[day] = account.Connected.GetValueOrDefault(day) + 1;
        }
    }
}
