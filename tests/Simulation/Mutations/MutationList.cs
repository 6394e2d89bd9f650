namespace SessionManager.Simulation;

/// <summary>The defects that the simulation must notice.</summary>
static class MutationList
{
    const string Machine = "Sessions/SessionMachine.cs";
    const string Draft = "Sessions/SessionDraft.cs";
    const string Session = "Sessions/SessionGrain.cs";
    const string SessionRow = "Sessions/SessionGrain.Row.cs";
    const string Sweep = "Sessions/SweepGrain.cs";
    const string Account = "Accounts/AccountGrain.cs";
    const string Hours = "Accounts/AccountGrain.Hours.cs";
    const string Minting = "Accounts/AccountGrain.Minting.cs";
    const string Rules = "Accounts/AccountRules.cs";
    const string Node = "Nodes/NodeGrain.cs";
    const string NodeLease = "Nodes/NodeGrain.Lease.cs";
    const string Holdings = "Owners/Holdings.cs";
    const string Owner = "Owners/Owner.cs";

    public static readonly IReadOnlyList<Mutation> Grains =
    [
        // A session's life
        new("a second connection takes over", "second connection", Machine,
            "        if (row.ConnectionId is not null)\n            return ConnectVerdict.Refuse(ErrorCatalogue.AlreadyConnected, isActivity: true);\n", ""),
        new("a connection that ended may come back", "stale connection", Machine,
            "        if (row.EndedConnections.Contains(connectionId))\n            return ConnectVerdict.Refuse(ErrorCatalogue.ConnectionEnded, isActivity: true);\n", ""),
        new("a stale connection's end is believed", "stale connection, timeline", Machine,
            "if (row.State != SessionState.Connected || row.ConnectionId != connectionId)", "if (row.State != SessionState.Connected)"),
        new("a token asked for again lives longer", "token life", Machine,
            "if (row.State == SessionState.Provisioned && row.TokenExpiresAt is null)", "if (row.State == SessionState.Provisioned)"),
        new("dropped is not final", "final", Machine,
            "        if (row.State != SessionState.Dropped)\n            Drop(draft, reason, now);", "        Drop(draft, reason, now);"),
        new("one whose connection is lost outlives its token", "deadline", Machine,
            "if (row.State == SessionState.Connected && row.ConnectionId is null)", "if (row.State == SessionState.Connected && row.LastSeq < 0)"),
        new("a token's expiry frees nothing", "held", Machine,
            "SessionState.Provisioned => row.TokenExpiresAt ?? row.LastActivityAt", "SessionState.Provisioned => row.LastActivityAt"),
        new("a session that is never connected is never over", "deadline", Machine,
            "SessionState.Provisioned => Clock.Earlier(expiry, row.LastActivityAt.AddSeconds(options.IdleSeconds)),", "SessionState.Provisioned => expiry,"),
        new("a stream has no end in its row", "deadline", Machine,
            "SessionState.Connected => Clock.Earlier(expiry, row.StreamEndsAt),", "SessionState.Connected => expiry,"),
        new("a refused connect puts off the end of a session without a token", "fence", Machine,
            "ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: false);", "ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: true);"),
        new("what was streamed is charged to one day", "usage", Machine,
            "        foreach (var (day, milliseconds) in StreamedDays.Between(since, at))\n            draft.Use(day, milliseconds, sessions: 0);",
            "        draft.Use(StreamedDays.Of(at), Math.Max(0, (long)(at - since).TotalMilliseconds), sessions: 0);"),
        new("what was streamed is not charged", "usage", Machine,
            "            draft.Use(day, milliseconds, sessions: 0);", "            draft.Use(day, 0, sessions: 0);"),
        new("an event has the number of the one before", "timeline", Draft,
            "Row = Row with { LastSeq = Row.LastSeq + 1 };", "Row = Row with { LastSeq = type == \"token_expired\" ? Row.LastSeq : Row.LastSeq + 1 };"),

        // The session's grain
        new("a write of unknown outcome is taken for done", "acknowledged means durable", SessionRow,
            "            _isFresh = false;\n            await Read();\n            return false;\n", "            _row = change.Row;\n            return true;\n"),
        new("a conflict is taken for done", "acknowledged means durable", SessionRow,
            "                    await Tell(before, existing);\n                return false;", "                    await Tell(before, existing);\n                _row = change.Row;\n                return true;"),
        new("a fenced write is taken for done", "acknowledged means durable", SessionRow,
            "Node(fence.Id).Fenced(fence.Epoch));\n                return false;", "Node(fence.Id).Fenced(fence.Epoch));\n                _row = change.Row;\n                return true;"),
        new("a session answers from memory", "acknowledged means durable, refused for nothing", SessionRow,
            "                else if (_isFresh)\n", "                else if (_isFresh || row.Version > 0)\n")
        {
            In = Emphasis.Splits,
        },
        new("a deadline is not checked on a call", "deadline, expiry, token life", SessionRow,
            "if (!await Load())", "if (_row is null && !await Load())"),
        new("a connect is stored by nobody's word", "fence", Session,
            "        [new(OwnerKind.Account, row.AccountId, slot.Epoch), new(OwnerKind.Node, row.NodeId, place.Epoch)];", "        [];"),
        new("a move is stored by nobody's word", "fence", Session, "[placed.Fence]);", "[]);"),
        new("a connected session moves with its node's end", "transition", Session,
            "if (deleted || row.State == SessionState.Connected)", "if (deleted)"),
        new("a session moves to where its client does not go", "address", Session, " && node.SignalingUrl == row.NodeSignalingUrl", ""),
        new("no session moves", "moved", Session, "        return placed is null\n", "        return placed is not { Node.NodeId: \"\" }\n")
        {
            Needs = Fault.Nodes,
        },
        new("another account's session is told", "isolation", Session,
            "        (accountId is null || row.AccountId == accountId) && ", "        (accountId is null || row.AccountId.Length > 0) && "),

        // The sweep
        new("the sweep ends nothing", "deadline", Sweep, "[EndOverdue, AskNodes, Clean]", "[AskNodes, Clean]"),
        new("the sweep asks after no node", "deadline", Sweep, "[EndOverdue, AskNodes, Clean]", "[EndOverdue, Clean]")
        {
            Needs = Fault.Crash,
        },
        new("the sweep deletes nothing", "retention", Sweep, "[EndOverdue, AskNodes, Clean]", "[EndOverdue, AskNodes]"),
        new("keys are taken off too early", "forgotten", Sweep, "now - IdempotencyKeys.Life,", "now - IdempotencyKeys.Life / 100,"),

        // Owners
        new("a new epoch is never taken again", "progress, refused for nothing, exception", Owner,
            "        if (_taking.IsCompleted && (_fence is null || _fence == from))\n            _taking = Take();\n", ""),
        new("a reading forgets what is only promised", "slots, places", Holdings, "known.Session is not null && known.HeardAt < mark", "known.HeardAt < mark"),
        new("a reading forgets what came after it began", "slots, places, refused for nothing", Holdings, " && known.HeardAt < mark", ""),
        new("a promise counts no longer than its row", "slots, places", "Owners/Holding.cs",
            "Promise is { } promise && promise.HeldUntil > StoredUntil ? promise.HeldUntil : StoredUntil", "StoredUntil"),
        new("a promise is over when its own row is heard of", "slots, places", "Owners/Holding.cs", "version > Version ?", "version >= Version ?"),
        new("older news replaces newer", "slots, places, refused for nothing, reconciliation", Holdings,
            "        if (report.Version < holding.Session?.Version)\n            return;\n", ""),
        new("whoever gives back gives back another's promise", "slots, places", Holdings, "holding.Promise?.Without(ticket)", "null")
        {
            In = Emphasis.Splits,
        },

        // Accounts
        new("slots are one too many", "slots", "Accounts/Slots.cs", "if (active < limit)", "if (active <= limit)"),
        new("an account says no without a look", "refused for nothing", Minting, "            else if (looked)\n", "            else if (looked || attempt >= 0)\n"),
        new("a mint of unknown outcome is taken for none", "slots, places, exception, minted twice", Minting,
            "            await Owner.MoveOn(fence);\n            if (await store.Find(request.SessionId) is { } stored)\n                return await Answer(stored, request);\n",
            "            _slots.TakeBack(request.SessionId, slot);\n"),
        new("a fenced mint is answered", "acknowledged means durable", Minting,
            "                    await Fenced(fence.Epoch);\n                return null;", "                    await Fenced(fence.Epoch);\n                return new Minted(Session.Of(change.Row, now), Replayed: false);"),
        new("a repeat is answered whatever its body", "repeated command", Minting, "if (row.BodyDigest != request.BodyDigest)", "if (row.BodyDigest != request.BodyDigest && AccountId.Length == 0)"),
        new("a repeat is answered with a session that is dropped", "repeated command", Minting,
            "        return row.State == SessionState.Dropped\n", "        return row.SessionId.Length == 0\n"),
        new("a mint wakes its session", "woken", Minting,
            "                _slots.Minted(SessionReport.Of(change.Row));\n                ArmTimer();\n",
            "                _slots.Minted(SessionReport.Of(change.Row));\n                await GrainFactory.GetGrain<ISessionGrain>(request.SessionId).Wake();\n"),
        new("a suspended account mints", "suspension", Rules, "        if (record.Suspended)\n            return new Refusal", "        if (record.Suspended && keyId is not null)\n            return new Refusal"),
        new("a revoked key mints", "revocation", Rules,
            "        if (keyId is not null && IsRevoked(record, keyId))\n            return new Refusal(ErrorCatalogue.InvalidKey);\n", ""),
        new("a revocation spares what is not connected yet", "revocation", Rules, "(revoked is not null || !MayUseKeys(record))", "(!MayUseKeys(record))"),
        new("a suspension ends nothing", "suspension", Rules, "        if (record.Suspended)\n            return DropReason.AccountSuspended;\n", ""),
        new("a change lets through what was decided before it", "suspension, revocation", Account, "        await Owner.MoveOn();\n", ""),
        new("a change that is cut off is not finished", "suspension", Account,
            "        if (cutOff)\n            await KeepUnfinished();\n", "")
        {
            In = Emphasis.Cuts,
        },
        new("a new limit is not told to what streams", "deadline", Account, "else if (limitsToo && ", "else if (limitsToo && AccountId.Length == 0 && "),
        new("a stream may last for ever", "deadline", Hours, "var byDuration = connectedAt + longest;", "DateTimeOffset? byDuration = null;"),
        new("the month's hours end no stream", "hours", Hours, "return byDuration < byHours ? byDuration : byHours;", "return byDuration;"),
        new("the month's hours refuse no mint", "hours", Minting, "UsedMilliseconds(now) is var used && used >= limit", "UsedMilliseconds(now) is var used && used < 0"),

        // Nodes
        new("a node takes one session too many", "places", "Nodes/Places.cs", "Held(now) < capacity", "Held(now) <= capacity"),
        new("a node that is lost keeps its sessions", "deadline", NodeLease, "                await Session(sessionId).NodeLost(", "                if (sessionId.Length == 0) await Session(sessionId).NodeLost("),
        new("a node's lease never runs out", "deadline", NodeLease, "time.GetElapsedTime(_leaseSince) >= _lease", "time.GetElapsedTime(_leaseSince) >= 1000 * _lease"),
        new("strangers are ended without a look", "reconciliation", Node, "if (!_places.AreTaken(reported, time.Now()))", "if (reported.Count > 1000)")
        {
            In = Emphasis.Splits,
        },
        new("nobody misses what a node does not name", "reconciliation", Node, "await Each(_places.Missing(reported), ", "await Each(_places.Missing(reported).Take(0), "),
        new("one caller in the queue keeps a whole node to itself", "refused for nothing", "Nodes/PlacementPolicy.cs",
            "node.Capacity - node.Used > Awaited(node, waiting)", "Awaited(node, waiting) == 0")
        {
            In = Emphasis.Groups,
        },
    ];

    public static readonly IReadOnlyList<Mutation> Store =
    [
        Mutation.Of(StoreDefect.EpochStays, "the store gives a new owner the old epoch", "slots, places"),
        Mutation.Of(StoreDefect.RowsBeforeEpoch, "the store reads a new owner's rows before it takes the epoch", "slots, places, deadline, suspension"),
        Mutation.Of(StoreDefect.FencesNotChecked, "the store checks no epoch", "slots, places, suspension, revocation"),
        Mutation.Of(StoreDefect.VersionNotChecked, "the store checks no version", "version"),
        Mutation.Of(StoreDefect.KeyNotUnique, "the store gives a key to two sessions", "repeated command"),
        Mutation.Of(StoreDefect.UsageApart, "the store adds usage outside the transaction", "usage"),
        Mutation.Of(StoreDefect.EventsLost, "the store loses events", "timeline"),
        Mutation.Of(StoreDefect.NeighboursFail, "the store refuses what goes with a refused write", "refused for nothing, exception"),
        Mutation.Of(StoreDefect.AnsweredBeforeDurable, "the store answers before it has written", "acknowledged means durable"),
        Mutation.Of(StoreDefect.RowsFromBefore, "the store reads rows as they were before the question", "refused for nothing, slots, places"),
        Mutation.Of(StoreDefect.DeletedEarly, "the store deletes sessions that can be read", "forgotten"),
    ];
}
