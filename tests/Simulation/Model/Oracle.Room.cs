using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>No slot and no place is handed out twice; what the rows say is all there is.</summary>
sealed partial class Oracle
{
    /// <summary>Checks what the row has just taken, and did not hold before.</summary>
    void Room(SessionRow? old, SessionRow next)
    {
        if (!Holds(next, world.Now))
            return;
        if (!Holds(old, world.Now))
            CheckSlots(_accounts[next.AccountId], Session(next.SessionId), Describe(next));
        if (!Holds(old, world.Now) || old!.NodeId != next.NodeId)
            CheckPlaces(_nodes[next.NodeId], Session(next.SessionId), Describe(next));
    }

    void CheckSlots(AccountModel account, SessionModel session, string when)
    {
        var held = world.Sessions.Live(OwnerKind.Account, account.Id).Where(row => Holds(row, Latest)).ToList();
        // What is promised is kept, also where the hold has lapsed and the limit was lowered while it was written.
        var limit = (session.Stored?.Version == 1 ? account.Limit.Now : account.Limit.Since(session.FirstAsked)).Max();
        if (held.Count > limit)
            world.Violate("slots", $"{when}: {account.Id} holds {held.Count} slots of {limit}: {string.Join(", ", held.Select(row => row.SessionId))}");
    }

    void CheckPlaces(NodeModel node, SessionModel session, string when)
    {
        var held = world.Sessions.Live(OwnerKind.Node, node.Id).Where(row => Holds(row, Latest)).ToList();
        // A place that is promised is kept, also where the node says meanwhile that it has become smaller.
        var capacity = session.Stored?.Version == 1 ? node.Capacity.Since(session.FirstAsked).Max() : node.LargestCapacity;
        if (held.Count > capacity)
            world.Violate("places", $"{when}: {node.Id} has {held.Count} sessions on {capacity} places: {string.Join(", ", held.Select(row => row.SessionId))}");
    }

    /// <summary>Its node is gone and it was dropped for that: nothing else was there that its client could be led to.</summary>
    void CouldHaveMoved(SessionRow row)
    {
        if (IsDisturbed(world.Time.Elapsed))
            return;
        foreach (var node in _nodes.Values.Where(node => node.Id != row.NodeId && node.SignalingUrl == row.NodeSignalingUrl))
        {
            if (HasRoom(node, row.NeedsImageToVideo, world.Time.Elapsed, _stamp))
                world.Violate("moved", $"dropped although {node.Id} has room: {Describe(row)}");
        }
    }

    /// <summary>Whether the node surely had room all the time since.</summary>
    bool HasRoom(NodeModel node, bool needsImageToVideo, TimeSpan since, long stamp)
    {
        if (!node.IsOpen || (needsImageToVideo && !node.ImageToVideo) || node.MayBeLost(since - Lease - Sweep, world.Time.Elapsed, Lease))
            return false;
        // A place may be kept for who has left the queue; a mint that is over has it in its row, or has given it back.
        var underWay = _accounts.Values.Sum(account => account.Mints.Count(one => one.To >= stamp - 50) + account.Waits.Count(one => one.To >= stamp - 2000));
        var moving = _nodes.Values.Where(other => other != node).Sum(other => world.Sessions.Live(OwnerKind.Node, other.Id).Count(row =>
            other.MayBeLost(since - Lease - Sweep, world.Time.Elapsed, Lease) && Holds(row, world.Now)));
        var taken = world.Sessions.Live(OwnerKind.Node, node.Id).Count(row => Holds(row, world.Now - TimeSpan.FromSeconds(1)));
        return taken + underWay + moving + 2 < node.Capacity.Since(stamp).Min();
    }
}
