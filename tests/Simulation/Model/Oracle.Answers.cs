using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What is answered, held against what is stored at that moment and what was asked.</summary>
sealed partial class Oracle
{
    bool IsDisturbed(TimeSpan since) => world.DisturbedUntil + Sweep + Lease + LongestMint >= since || IsSplit(since);

    /// <summary>Nothing else went on that could excuse an unexpected answer: no fault for a while, one process, no wall clock set.</summary>
    public bool IsCalm(Window window) => !IsDisturbed(window.Sent);

    /// <summary>
    /// Nothing excuses that a request failed. Of two processes one learns that the other has owned an account or a node by failing
    /// once, and whoever asked asks again: more often than there are of them it fails for another reason.
    /// </summary>
    public bool MayFail(Window window) => !IsCalm(window) || (HadSplit && ++_lessons <= 2 * (_accounts.Count + _nodes.Count + 1));

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

    public void MintAnswered(AccountModel account, MintRequest request, Result<Minted> result, Window window)
    {
        if (result.Refusal is { } refusal)
        {
            MintRefused(account, request, refusal, window);
            return;
        }

        var view = result.Value!.Session;
        var session = Session(view.SessionId);
        var isAnother = view.SessionId != request.SessionId;
        Durable(session, view, "mint");
        if (request.IdempotencyKey is { } key)
        {
            if (account.Idempotent.TryGetValue(key, out var first) && first.SessionId != view.SessionId && window.SentAt - first.CreatedAt < IdempotencyKeys.Life)
                world.Violate("repeated command", $"Idempotency-Key {key} of {account.Id} minted {first.SessionId}, then {view.SessionId}");
            account.Idempotent[key] = (view.SessionId, view.CreatedAt);
        }
        else if (isAnother)
        {
            world.Violate("minted twice", $"{view.SessionId} was answered to two requests");
        }

        if (view.State == SessionState.Dropped)
            world.Violate("repeated command", $"{view.SessionId} is dropped and told to {request.SessionId} as minted");
        if (isAnother && !result.Value.Replayed)
            world.Violate("repeated command", $"{view.SessionId} is told as new to {request.SessionId}");
        if (session.Stored is { } row)
        {
            if (row.IdempotencyKey is not null && row.BodyDigest != request.BodyDigest)
                world.Violate("repeated command", $"{view.SessionId} is told to a request with another body");
            if (!session.IsAcknowledged)
                FirstAnswered(account, session, row, request, view, window);
        }

        session.IsAcknowledged = true;
    }

    void FirstAnswered(AccountModel account, SessionModel session, SessionRow row, MintRequest request, Session view, Window window)
    {
        if (view.State == SessionState.Provisioned && session.IsLive)
        {
            // Even what was under way when either was answered must not come through behind it.
            if (account.Suspended.Now.All(suspended => suspended))
                world.Violate("suspension", $"{session.Id} is answered for after {account.Id} was suspended");
            if (row.KeyId is { } barred && account.Revoked.TryGetValue(barred, out var end) && end.Answered != long.MaxValue)
                world.Violate("revocation", $"{session.Id} is answered for after {barred} was revoked");
        }

        if (account.MonthlyHours is { } hours && row.CreatedAt >= window.SentAt
            && Used(account, window.SentAt) - world.Plan.NodeCount * 100 * (world.Now - window.SentAt) > TimeSpan.FromHours(hours) + HoursMeasured)
            world.Violate("hours", $"{session.Id} is minted after {account.Id} has used {Used(account, window.SentAt)} of {hours} h");
        if (request.WithToken && view.State == SessionState.Provisioned && row.Version == 1 && view.TokenExpiresAt != view.CreatedAt + Token)
            world.Violate("token life", $"{session.Id}: minted at {view.CreatedAt:O}, its token expires at {view.TokenExpiresAt:O}");
        // To wake it would cost a quarter of the mints a second.
        if (row.Version == 1 && !session.IsTouched && row.NextDeadline > world.Now && window.To!.Silo.IsActive("session", session.Id) && IsCalm(window))
            world.Violate("woken", $"nothing but a mint was asked of {session.Id}, and its grain is active");
        if (row.State == SessionState.Dropped)
            Lives++;
        else
            account.Live.TryAdd(session.Id, session);
    }

    void MintRefused(AccountModel account, MintRequest request, Refusal refusal, Window window)
    {
        SessionRow[] known =
        [
            .. new[]
            {
                world.Sessions.Find(request.SessionId),
                request.IdempotencyKey is { } key ? world.Sessions.FindByKey(account.Id, key) : null,
            }.OfType<SessionRow>(),
        ];
        var possible = refusal.Code switch
        {
            ErrorCatalogue.ConcurrentLimit => IsFull(account, window),
            // It may have been asked for, and refused, before a new month began.
            ErrorCatalogue.MonthlyLimit => account.MonthlyHours is { } hours
                && new[] { window.SentAt, world.Now }.Any(at => MostUsed(account, at) >= TimeSpan.FromHours(hours) - HoursMeasured),
            ErrorCatalogue.AccountSuspended => account.Suspended.Since(window.Stamp).Contains(true),
            ErrorCatalogue.InvalidKey => request.KeyId is { } keyId && account.Revoked.ContainsKey(keyId),
            ErrorCatalogue.IdempotencyMismatch => known.Any(row => row.BodyDigest != request.BodyDigest),
            ErrorCatalogue.IdempotencyInFlight => request.IdempotencyKey is not null,
            ErrorCatalogue.SessionDropped => known.Any(row => row.State == SessionState.Dropped),
            ErrorCatalogue.NoStreamer => true,
            ErrorCatalogue.Unavailable => !IsCalm(window),
            _ => false,
        };
        if (!possible)
            world.Violate("refused for nothing", $"{account.Id}, {request.SessionId} {request.IdempotencyKey}: {refusal.Code}; there are {string.Join("; ", known.Select(Describe))}");
    }

    /// <summary>Whether the account's slots may all have been taken, or promised to somebody, at some moment since.</summary>
    bool IsFull(AccountModel account, Window window)
    {
        var holders = LiveSince(account, window.Stamp).Count(session =>
            session.Since(window.Stamp).Any(row => Holds(row, window.SentAt)) || session.WasClaimed(window.Stamp));
        var underWay = account.Mints.Count(mint => mint.To >= window.Stamp) - 1;
        return holders + underWay >= account.Limit.Since(window.Stamp).Min() || world.DisturbedUntil + LongestMint >= window.Sent;
    }

    public void NoStreamer(Window window, bool needsImageToVideo)
    {
        if (!IsCalm(window))
            return;
        foreach (var node in _nodes.Values)
        {
            if (HasRoom(node, needsImageToVideo, window.Sent, window.Stamp))
                world.Violate("refused for nothing", $"no streamer, but {node.Id} has room for {node.Capacity.Since(window.Stamp).Min()}");
        }
    }

    /// <summary>What is told of a session must be in storage by then.</summary>
    void Durable(SessionModel session, Session view, string what)
    {
        session.TokenTold |= view.TokenExpiresAt is not null;
        var stored = session.Stored;
        var tells = stored is null
            ? view.State == SessionState.Dropped
            : stored.State >= view.State
                && (view.TokenExpiresAt is null || stored.TokenExpiresAt == view.TokenExpiresAt)
                && (view.ConnectedAt is null || stored.ConnectedAt == view.ConnectedAt)
                && (view.DroppedAt is null || (stored.DroppedAt == view.DroppedAt && stored.Reason == view.Reason));
        if (!tells)
            world.Violate("acknowledged means durable", $"{what}: told {view}; stored {Describe(stored)}");
    }

    public void TokenAnswered(SessionModel session, Result<Session> result, Window window)
    {
        var versions = session.Since(window.Stamp).ToList();
        if (result.Value is { } view)
        {
            Durable(session, view, "token");
            if (view.TokenExpiresAt is not { } expiry || expiry <= window.SentAt || expiry > Latest + Token)
                world.Violate("token life", $"{session.Id}: a token asked for at {window.SentAt:O} expires at {view.TokenExpiresAt:O}");
            return;
        }

        var code = result.Refusal!.Code;
        var possible = code switch
        {
            ErrorCatalogue.SessionNotFound => versions.Any(row => row is null or { State: SessionState.Dropped } || IsDoomed(row, window) || !Holds(row, Latest)),
            ErrorCatalogue.SessionExpired => versions.Any(row => row?.TokenExpiresAt <= Latest),
            // Its place may have lapsed, and been given to another, while the node was asked.
            ErrorCatalogue.NoStreamer => versions.Any(row => row is not null && !Holds(row, Latest))
                || versions.Any(row => row is not null && _nodes[row.NodeId].MayBeLost(session.PlacedAt - Lease, world.Time.Elapsed, Lease)) || IsSplit(window.Sent),
            _ => false,
        };
        if (!possible)
            world.Violate("refused for nothing", $"{session.Id}: no token ({code}), and it was {Describe(versions[0])}");
    }

    public void ConnectAnswered(SessionModel session, string nodeId, string connectionId, Result<Session> result, Window window)
    {
        var versions = session.Since(window.Stamp).ToList();
        if (result.Value is { } view)
        {
            Durable(session, view, "connect");
            if (versions.All(row => row?.ConnectionId != connectionId))
                world.Violate("acknowledged means durable", $"{session.Id}: {connectionId} is accepted and not stored");
            if (session.FirstReported[connectionId] >= session.Stored?.TokenExpiresAt + world.Time.SetBack)
                world.Violate("expiry", $"{session.Id}: {connectionId} came at {session.FirstReported[connectionId]:O} with a token that had expired at {session.Stored!.TokenExpiresAt:O}");
            return;
        }

        var code = result.Refusal!.Code;
        var node = _nodes[nodeId];
        var known = versions.OfType<SessionRow>().ToList();
        var possible = code switch
        {
            ErrorCatalogue.AlreadyConnected => known.Any(row => row.ConnectionId is { } other && other != connectionId),
            ErrorCatalogue.ConnectionEnded => known.Any(row => row.EndedConnections.Contains(connectionId)),
            ErrorCatalogue.SessionDropped => known.Any(row => row.State == SessionState.Dropped || IsDoomed(row, window)),
            ErrorCatalogue.SessionExpired => known.Any(row => row.TokenExpiresAt is null || row.TokenExpiresAt <= Latest),
            ErrorCatalogue.SessionNotFound => versions.Contains(null) || known.Any(row => row.NodeId != nodeId),
            ErrorCatalogue.NodeNotFound => node.DeleteAsked || node.Stored is not { Registration: not null } || IsSplit(window.Sent),
            ErrorCatalogue.NoStreamer => known.Any(row => row.TokenExpiresAt <= Latest)
                || node.MayBeLost(session.PlacedAt - Lease, world.Time.Elapsed, Lease) || IsSplit(window.Sent)
                // A process that is dead by now took it for lost, and its word holds until the next heartbeat.
                || (HadSplit && node.Stored is { Lost: true }),
            _ => false,
        };
        if (!possible)
            world.Violate("refused for nothing", $"{session.Id}: {connectionId} is refused by {nodeId} with {code}; it was {Describe(versions[0])}");
    }

    public void DisconnectAnswered(SessionModel session, string connectionId, Result<Session> result, Window window)
    {
        if (result.Value is not { } view)
            return;
        Durable(session, view, "disconnect");
        if (session.Since(window.Stamp).All(row => row?.ConnectionId == connectionId))
            world.Violate("acknowledged means durable", $"{session.Id}: the end of {connectionId} was heard and is not stored");
    }

    public void DropAnswered(SessionModel session, Result<Session> result, Window window)
    {
        if (result.Value is { } view)
        {
            Durable(session, view, "drop");
            if (view.State != SessionState.Dropped)
                world.Violate("transition", $"{session.Id} is dropped and told as {view.State}");
        }
        else if (session.IsAcknowledged && session.Since(window.Stamp).All(row => row is { DroppedAt: null }))
        {
            world.Violate("forgotten", $"{session.Id} was answered for and could not be dropped: {result.Refusal!.Code}");
        }
    }

    /// <summary>Its account may be suspended, or its key revoked, and it is about to be dropped for that.</summary>
    bool IsDoomed(SessionRow row, Window window) =>
        _accounts[row.AccountId].Suspended.Since(window.Stamp).Any(suspended => suspended)
        || (row.KeyId is { } keyId && _accounts[row.AccountId].Revoked.ContainsKey(keyId));

    public void SuspensionAnswered(AccountModel account, Window window)
    {
        foreach (var session in LiveOf(account).Where(session => session.Since(window.Stamp).All(row => row is { State: not SessionState.Dropped })))
            world.Violate("suspension", $"{account.Id} is suspended and {session.Id} lives on");
    }

    public void RevocationAnswered(AccountModel account, string keyId, bool connectedToo, Window window)
    {
        foreach (var session in LiveOf(account).Where(session => session.Stored!.KeyId == keyId
            && session.Since(window.Stamp).All(row => row is { State: not SessionState.Dropped } && (connectedToo || row.ConnectedAt is null))))
        {
            world.Violate("revocation", $"{keyId} is revoked and {session.Id}, which it minted, lives on");
        }
    }

    /// <summary>What the account says of itself when nothing is under way is what its rows say.</summary>
    public void UsageAnswered(AccountModel account, AccountUsage usage, Window window)
    {
        if (!IsCalm(window) || account.Mints.Any(mint => mint.To >= window.Stamp))
            return;
        var rows = LiveSince(account, window.Stamp).ToList();
        var least = rows.Count(session => session.Since(window.Stamp).All(row => Holds(row, world.Now)));
        var most = rows.Count(session => session.Since(window.Stamp).Any(row => Holds(row, window.SentAt)) || session.WasClaimed(window.Stamp));
        if (usage.ActiveCount < least || usage.ActiveCount > most)
            world.Violate("slots", $"{account.Id} says that {usage.ActiveCount} slots are held, and {least} to {most} are");
    }

    /// <param name="streaming">By session: the connection that the node streams to.</param>
    public void HeartbeatAnswered(NodeModel node, IReadOnlyDictionary<string, string> streaming, HeartbeatReply reply, Window window)
    {
        foreach (var (sessionId, connectionId) in streaming)
        {
            var steady = Session(sessionId).Since(window.Stamp).All(row => row is { State: SessionState.Connected }
                && row.NodeId == node.Id && row.ConnectionId == connectionId);
            if (!steady)
                continue;
            if (reply.Drop.Contains(sessionId))
                world.Violate("reconciliation", $"{node.Id} is told to end {sessionId}, which is connected there");
            if (!reply.Expected.Contains(sessionId) && !IsSplit(window.Sent))
                world.Violate("reconciliation", $"{node.Id} is not expected to have {sessionId}, which is connected there");
        }

        foreach (var session in world.Sessions.Live(OwnerKind.Node, node.Id).Where(row => row.ConnectionId is not null).Select(row => Session(row.SessionId)))
        {
            var isMissing = !streaming.ContainsKey(session.Id) && IsCalm(window);
            session.Missed = isMissing && session.Stored!.ConnectionId == session.MissedConnection ? session.Missed + 1 : 0;
            session.MissedConnection = session.Stored!.ConnectionId;
            if (session.Missed > 5)
                world.Violate("reconciliation", $"{node.Id} has not named {session.Id} in {session.Missed} heartbeats, and it is connected still");
        }

        foreach (var sessionId in reply.Expected.Where(sessionId => EndedLongAgo(Session(sessionId)) && IsCalm(window)))
        {
            world.Violate("reconciliation", $"{node.Id} is expected to have {sessionId}, which is dropped");
        }

        foreach (var sessionId in streaming.Keys.Where(sessionId => !reply.Drop.Contains(sessionId) && EndedLongAgo(Session(sessionId)) && IsCalm(window)))
        {
            world.Violate("reconciliation", $"{node.Id} is not told to end {sessionId}, which is dropped");
        }
    }

    bool EndedLongAgo(SessionModel session) => world.Time.Elapsed - session.EndedAt > 2 * Sweep + Slack + LongestMint;
}
