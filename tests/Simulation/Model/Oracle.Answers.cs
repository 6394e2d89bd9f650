using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What is answered, held against what is stored at that moment and what was asked.</summary>
sealed partial class Oracle
{
    /// <summary>
    /// Nothing else went on that could excuse an unexpected answer: no fault for a while, one process, no wall clock set.
    /// </summary>
    public bool IsCalm(Window window) => !world.HadZombie && world.DisturbedUntil + Sweep + Lease < window.Sent && Mended < window.Sent;

    /// <summary>Whatever is asked for when nothing is wrong, is answered soon: an earlier fault leaves nobody waiting.</summary>
    public void Answered(string what, Window window)
    {
        if (world.Time.Elapsed - window.Sent > LongestAnswer && world.DisturbedUntil + Slack < window.Sent && world.SplitUntil + Slack < window.Sent)
            world.Violate("progress", $"{what} took {(world.Time.Elapsed - window.Sent).TotalSeconds:0.0} s though nothing was wrong");
    }

    /// <param name="all">The account's mints, or its waits.</param>
    public void Ended(List<(long From, long To)> all, long asked)
    {
        var index = all.FindIndex(one => one.From == asked);
        all[index] = (asked, Stamp());
        if (all.Count > 256)
            all.RemoveAll(one => one.To < _stamp - 20_000);
    }

    public void MintAnswered(AccountModel account, MintRequest request, Result<Session> result, Window window)
    {
        if (result.Refusal is { } refusal)
        {
            MintRefused(account, refusal, window);
            return;
        }

        var view = result.Value!;
        var session = Session(view.SessionId);
        Durable(session, view, "mint");
        if (request.IdempotencyKey is { } key)
        {
            if (account.Idempotent.TryGetValue(key, out var first) && first != view.SessionId)
                world.Violate("repeated command", $"Idempotency-Key {key} of {account.Id} minted {first}, then {view.SessionId}");
            account.Idempotent[key] = view.SessionId;
        }
        else if (session.IsAcknowledged || view.SessionId != request.SessionId)
        {
            world.Violate("minted twice", $"{view.SessionId} was answered to two requests");
        }

        if (account.Suspended.Since(window.Stamp).All(suspended => suspended) && !session.IsAcknowledged && view.State != SessionState.Dropped)
            world.Violate("suspension", $"{view.SessionId} was minted for {account.Id}, which is suspended");
        if (request.KeyId is { } keyId && account.Revoked.TryGetValue(keyId, out var revoked) && revoked.Answered < window.Stamp
            && !session.IsAcknowledged && view.State == SessionState.Provisioned)
            world.Violate("revocation", $"{view.SessionId} was minted with {keyId}, which is revoked");
        // Even what was under way when either was answered must not come through behind it. Of two processes, one may answer for
        // what the other has dropped meanwhile.
        if (!session.IsAcknowledged && view.State == SessionState.Provisioned
            && (!world.HadZombie || session.Stored is { State: SessionState.Provisioned }))
        {
            if (account.Suspended.Now.All(suspended => suspended))
                world.Violate("suspension", $"{view.SessionId} is answered for after {account.Id} was suspended");
            if (request.KeyId is { } barred && account.Revoked.TryGetValue(barred, out var end) && end.Answered != long.MaxValue)
                world.Violate("revocation", $"{view.SessionId} is answered for after {barred} was revoked");
        }

        if (request.WithToken && view.State == SessionState.Provisioned && view.TokenExpiresAt != view.CreatedAt + Token)
            world.Violate("token life", $"{view.SessionId}: minted at {view.CreatedAt:O}, its token expires at {view.TokenExpiresAt:O}");
        if (session.IsAcknowledged)
            return;
        session.IsAcknowledged = true;
        session.AccountId = account.Id;
        session.KeyId = request.KeyId;
        if (session.Stored is not { } record)
            return;
        if (record.State == SessionState.Dropped)
        {
            Lives++;
            account.StreamedSeconds += record.StreamedSeconds;
            return;
        }

        account.Live.Add(session.Id, session);
        // Repeated, it has the slot that it was given when it was first asked for: the limit may have been another then.
        var asked = request.IdempotencyKey is { } used ? account.FirstAsked[used] : window.Stamp;
        CheckSlots(account, Math.Min(asked, session.StoredStamp), $"mint of {session.Id}");
        CheckPlaces(record.NodeId, _nodes[record.NodeId].LargestCapacity, $"mint of {session.Id}");
        // Of two processes, one may repeat the answer of a mint whose slot the other has taken back: a read, as with a token.
        // And where both minted under one id at once, what one took back may have been the other's: refused when it connects.
        if (!world.HadZombie || (session.StoredStamp >= window.Stamp && session.Since(window.Stamp).Count(record => record is null) < 2))
            BothOrNeither(account, session, record, "mint");
        if (!world.Store.Reminders.Any(reminder => reminder.GrainId.ToString() == $"account/{account.Id}"))
            world.Violate("sweep", $"{session.Id} was answered for and nobody would come for it after a crash");
    }

    void BothOrNeither(AccountModel account, SessionModel session, SessionRecord record, string what)
    {
        if (!HoldsSlot(record))
            return;
        // For as long as it may connect, and not only now.
        var last = world.HadZombie ? world.Now : HeldUntil(record) - TimeSpan.FromMilliseconds(1);
        if (account.Stored?.Leases.GetValueOrDefault(session.Id) is not { } lease || !lease.HoldsSlot(last))
            world.Violate("both or neither", $"{what}: {session.Id} is answered for and holds no slot");
        var node = _nodes[record.NodeId];
        if (record.Placed && node.Stored is { Lost: false } stored
            && !node.MayBeLost(session.PlacedAt, world.Time.Elapsed, Lease)
            && !(stored.Places.TryGetValue(session.Id, out var place) && place.IsTaken(last)))
        {
            world.Violate("both or neither", $"{what}: {session.Id} is answered for and has no place on {record.NodeId}");
        }
    }

    void MintRefused(AccountModel account, Refusal refusal, Window window)
    {
        switch (refusal.Code)
        {
            case ErrorCatalogue.ConcurrentLimit when !world.HadZombie:
                var holders = account.Since(window.Stamp)
                    .SelectMany(record => record.Leases
                        .Where(lease => lease.Value.HoldsSlot(window.SentAt) || Session(lease.Key).WasClaimed(window.Stamp))
                        .Select(lease => lease.Key))
                    .Distinct().Count();
                var underWay = account.Mints.Count(mint => mint.To >= window.Stamp) - 1;
                if (holders + underWay < account.Limit.Since(window.Stamp).Min())
                    world.Violate("refused for nothing", $"{account.Id}: {refusal.Code} with {holders} slots held and {underWay} mints under way");
                break;
            case ErrorCatalogue.AccountSuspended when !account.Suspended.Since(window.Stamp).Contains(true) && !world.HadZombie:
                world.Violate("refused for nothing", $"{account.Id} is not suspended");
                break;
            case ErrorCatalogue.InvalidKey when account.Revoked.Count == 0:
                world.Violate("refused for nothing", $"{account.Id}: no key was revoked");
                break;
        }
    }

    public void NoStreamer(Window window, bool needsImageToVideo)
    {
        if (!IsCalm(window))
            return;
        foreach (var node in _nodes.Values.Where(node => node.IsOpen && (!needsImageToVideo || node.ImageToVideo)))
        {
            if (node.MayBeLost(window.Sent - Lease - Sweep, world.Time.Elapsed, Lease) || node.Stored is not { } stored)
                continue;
            var underWay = _accounts.Values.Sum(account => account.Mints.Concat(account.Waits).Count(one => one.To >= window.Stamp - 2000));
            var taken = stored.Places.Count(place => place.Value.IsTaken(window.SentAt));
            if (taken + underWay + 2 < node.Capacity.Since(window.Stamp).Min())
                world.Violate("refused for nothing", $"no streamer, but {node.Id} has {taken} of {stored.Registration?.Capacity} places taken");
        }
    }

    /// <summary>What is told of a session must be in storage by then.</summary>
    void Durable(SessionModel session, Session view, string what)
    {
        session.TokenTold |= view.TokenExpiresAt is not null;
        if (!Tells(view, session.Stored))
            world.Violate("acknowledged means durable", $"{what}: told {view}; stored {Describe(session.Stored)}");
    }

    static bool Tells(Session view, SessionRecord? stored) => stored is null
        ? view.State == SessionState.Dropped
        : stored.State >= view.State
            && (view.TokenExpiresAt is null || stored.TokenExpiresAt == view.TokenExpiresAt)
            && (view.ConnectedAt is null || stored.ConnectedAt == view.ConnectedAt)
            && (view.DroppedAt is null || (stored.DroppedAt == view.DroppedAt && stored.Reason == view.Reason));

    public void ReadAnswered(SessionModel session, SessionDetail? detail, Window window)
    {
        if (detail is null)
        {
            if (session.IsAcknowledged && !world.HadZombie && session.Since(window.Stamp).All(record =>
                record is not null && (record.DroppedAt is not { } at || window.SentAt - at < TimeSpan.FromSeconds(world.Plan.Sessions.RetentionSeconds - 60))))
            {
                world.Violate("forgotten", $"{session.Id} was answered for and is not known");
            }

            return;
        }

        // Of two processes, one may remember what the other has taken back and minted again under the same id.
        if (!world.HadZombie || !session.Since(0).Any(record => Tells(detail.Session, record)))
            Durable(session, detail.Session, "read");
        if (!world.HadZombie && session.Since(window.Stamp).Last() is { } before
            && (detail.Session.State < before.State || (session.TokenTold && before.TokenExpiresAt is not null && detail.Session.TokenExpiresAt is null)))
        {
            world.Violate("forgotten", $"{session.Id} was {Describe(before)} before it was read as {detail.Session.State}");
        }
    }

    public void TokenAnswered(SessionModel session, Result<Session> result, Window window)
    {
        if (result.Value is { } view)
        {
            Durable(session, view, "token");
            if (view.TokenExpiresAt is not { } expiry || expiry <= window.SentAt || expiry > world.Now + world.Time.SetBack + Token)
                world.Violate("token life", $"{session.Id}: a token asked for at {window.SentAt:O} expires at {view.TokenExpiresAt:O}");
            var during = session.Since(window.Stamp).ToList();
            // Of two processes, one may tell a token again without a look at what the other has written: that is a read.
            var isRead = world.HadZombie && during[^1] is { TokenExpiresAt: not null };
            if (!isRead && session.Stored is { State: SessionState.Provisioned } stored && during.All(record => record is { State: SessionState.Provisioned }))
                BothOrNeither(_accounts[stored.AccountId], session, stored, "token");
            return;
        }

        var versions = session.Since(window.Stamp).ToList();
        if (!world.HadZombie && versions.All(record => record is { State: SessionState.Provisioned, TokenExpiresAt: null } && world.Now < record.LastActivityAt + Idle))
            world.Violate("refused for nothing", $"{session.Id}: no token ({result.Refusal!.Code}), and it was {Describe(versions[0])}");
    }

    public void ConnectAnswered(SessionModel session, string nodeId, string connectionId, Result<Session> result, Window window)
    {
        var versions = session.Since(window.Stamp).ToList();
        if (result.Value is { } view)
        {
            Durable(session, view, "connect");
            if (!session.ConnectedTold.Contains(connectionId))
                world.Violate("acknowledged means durable", $"{session.Id}: {connectionId} is accepted and not stored");
            if (session.FirstReported[connectionId] >= session.Stored?.TokenExpiresAt)
                world.Violate("expiry", $"{session.Id}: {connectionId} came at {session.FirstReported[connectionId]:O} with a token that had expired at {session.Stored.TokenExpiresAt:O}");

            CheckPlaces(nodeId, _nodes[nodeId].LargestCapacity, $"connect of {session.Id}");
            if (session.Stored is { State: SessionState.Connected, AccountId: var accountId } && session.IsAcknowledged)
                CheckSlots(_accounts[accountId], 0, $"connect of {session.Id}");
            return;
        }

        if (world.HadZombie)
            return;
        var code = result.Refusal!.Code;
        var known = versions.Where(record => record is not null).Select(record => record!).ToList();
        var possible = code switch
        {
            ErrorCatalogue.AlreadyConnected => known.Any(record => record.ConnectionId is { } other && other != connectionId),
            ErrorCatalogue.SessionDropped => known.Any(record => record.State == SessionState.Dropped || IsDoomed(record, window)),
            // A token that nobody was told of may have been written by a process that was dead already.
            ErrorCatalogue.SessionExpired => !session.TokenTold || known.Any(record => record.TokenExpiresAt is null || record.TokenExpiresAt <= world.Now),
            ErrorCatalogue.SessionNotFound => versions.Contains(null) || known.Any(record => record.NodeId != nodeId),
            ErrorCatalogue.NodeNotFound => _nodes[nodeId].Stored is not { Registration: not null } || _nodes[nodeId].DeleteAsked,
            ErrorCatalogue.NoStreamer => known.Any(record => !record.Placed || record.TokenExpiresAt <= world.Now)
                || _nodes[nodeId].MayBeLost(session.PlacedAt, world.Time.Elapsed, Lease),
            _ => false,
        };
        if (!possible)
            world.Violate("refused for nothing", $"{session.Id}: {connectionId} is refused with {code}; it was {Describe(versions[0])}");
    }

    public void DisconnectAnswered(SessionModel session, string connectionId, bool clean, Result<Session> result, Window window)
    {
        if (result.Value is not { } view)
            return;
        Durable(session, view, "disconnect");
        if (world.HadZombie)
            return;
        if (session.Stored is { } stored && stored.ConnectionId == connectionId)
            world.Violate("acknowledged means durable", $"{session.Id}: the end of {connectionId} was heard and is not stored");
        if (clean && view is { State: SessionState.Dropped, Reason: DropReason.ClientDisconnected })
            CheckFreed(session, view, "clean disconnect");
    }

    public void DropAnswered(SessionModel session, Result<Session> result, Window window)
    {
        if (result.Value is { } view)
        {
            Durable(session, view, "drop");
            if (view.State != SessionState.Dropped)
                world.Violate("transition", $"{session.Id} is dropped and told as {view.State}");
            if (!world.HadZombie)
                CheckFreed(session, view, "drop");
        }
        else if (session.IsAcknowledged && !world.HadZombie && session.Since(window.Stamp).All(record => record is { DroppedAt: null }))
        {
            world.Violate("forgotten", $"{session.Id} was answered for and could not be dropped: {result.Refusal!.Code}");
        }
    }

    void CheckFreed(SessionModel session, Session view, string what)
    {
        if (_accounts[view.AccountId].Stored!.Leases.TryGetValue(session.Id, out var lease) && lease.HoldsSlot(world.Now))
            world.Violate("freed before answered", $"{what}: {session.Id} still holds its slot");
        if (_nodes[view.NodeId].Stored is { } node && node.Places.TryGetValue(session.Id, out var place) && place.IsTaken(world.Now))
            world.Violate("freed before answered", $"{what}: {session.Id} still has its place on {view.NodeId}");
    }

    /// <summary>Its account may be suspended, or its key revoked, and it is about to be dropped for that.</summary>
    bool IsDoomed(SessionRecord record, Window window) =>
        _accounts[record.AccountId].Suspended.Since(window.Stamp).Any(suspended => suspended)
        || (record.KeyId is { } keyId && _accounts[record.AccountId].Revoked.ContainsKey(keyId));

    public void SuspensionAnswered(AccountModel account, Window window)
    {
        foreach (var session in account.Live.Values.Where(session => session.Since(window.Stamp).All(record => record is { State: not SessionState.Dropped })))
            world.Violate("suspension", $"{account.Id} is suspended and {session.Id} lives on");
    }

    public void RevocationAnswered(AccountModel account, string keyId, bool connectedToo, Window window)
    {
        foreach (var session in account.Live.Values.Where(session => session.KeyId == keyId
            && session.Since(window.Stamp).All(record => record is { State: not SessionState.Dropped } && (connectedToo || record.ConnectedAt is null))))
        {
            world.Violate("revocation", $"{keyId} is revoked and {session.Id}, which it minted, lives on");
        }
    }

    /// <param name="streaming">By session: the connection that the node streams to.</param>
    public void HeartbeatAnswered(NodeModel node, IReadOnlyDictionary<string, string> streaming, HeartbeatReply reply, Window window)
    {
        if (world.HadZombie)
            return;
        foreach (var (sessionId, connectionId) in streaming)
        {
            var steady = Session(sessionId).Since(window.Stamp).All(record => record is { State: SessionState.Connected }
                && record.NodeId == node.Id && record.ConnectionId == connectionId);
            if (!steady)
                continue;
            if (reply.Drop.Contains(sessionId))
                world.Violate("reconciliation", $"{node.Id} is told to end {sessionId}, which is connected there");
            if (!reply.Expected.Contains(sessionId))
                world.Violate("reconciliation", $"{node.Id} is not expected to have {sessionId}, which is connected there");
        }

        // One that was never connected may have been dropped by a command cut off: its place lapses with its token. One that was
        // moved is asked after, as a mint's is.
        foreach (var sessionId in reply.Expected.Where(sessionId => Session(sessionId) is { Stored: { State: SessionState.Dropped, ConnectedAt: not null } stored } session
            && world.Time.Elapsed > session.EndedAt + Sweep + Slack + (stored.NodeId == node.Id ? TimeSpan.Zero : LongestMint + Sweep) && IsCalm(window)))
        {
            world.Violate("reconciliation", $"{node.Id} is expected to have {sessionId}, which is dropped");
        }
    }
}
