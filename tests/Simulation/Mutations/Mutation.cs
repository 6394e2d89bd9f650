namespace SessionManager.Simulation;

/// <summary>A defect put into the grains on purpose: the text it takes out of one of their files, and what it puts there.</summary>
/// <param name="File">Under src/Grains.</param>
/// <param name="Original">Must be there exactly once: a mutation that no longer fits fails the run.</param>
sealed record Mutation(string Name, string File, string Original, string Mutant)
{
    public static readonly IReadOnlyList<Mutation> All =
    [
        new("a conflict is taken for success", "Durability/DurableGrain.cs",
            "        catch\n        {\n            Break();\n            throw;\n        }\n    }\n\n    /// <summary>Writes even",
            "        catch (Orleans.Storage.InconsistentStateException)\n        {\n        }\n        catch\n        {\n            Break();\n            throw;\n        }\n    }\n\n    /// <summary>Writes even"),
        new("a failed write leaves its change in memory", "Durability/DurableGrain.cs",
            "        DeactivateOnIdle();\n        _broken.TrySetResult();\n", ""),
        new("a deadline is not checked again on a call", "Sessions/SessionGrain.cs",
            "var kept = SessionMachine.KeepDeadlines(Record, time.Now(), _options);", "var kept = Record;"),
        new("a session answers before it has written", "Sessions/SessionGrain.cs",
            "            Record = next;\n            await Write();", "            Record = next;\n            _ = Write();"),
        new("a mint answers before its slot is written", "Accounts/AccountGrain.cs",
            "var lease = Task.WhenAll(Write(), Reminder.Ensure());", "_ = Write();\n        var lease = Reminder.Ensure();")
        {
            Also = ("                else if (request.IdempotencyKey is not null)\n                    await Fence();\n", ""),
        },
        new("slots are one number too many", "Accounts/AccountMachine.cs",
            "        return active < limit\n", "        return active <= limit\n"),
        new("a slot never lapses", "Accounts/AccountRecord.cs",
            "public bool HoldsSlot(DateTimeOffset now) => SlotUntil is not { } until || until > now.ToUnixTimeMilliseconds();",
            "public bool HoldsSlot(DateTimeOffset now) => SlotUntil != 0;"),
        new("there is no sweep: timers are the only path", "Accounts/AccountGrain.cs",
            "        if (_sweeping)\n            return;", "        if (_sweeping || Record.OpenedAt != default)\n            return;"),
        new("the sweep has no reminder", "Accounts/AccountGrain.cs",
            "var lease = Task.WhenAll(Write(), Reminder.Ensure());", "var lease = Write();"),
        new("a mint under a key does not ask whether its lease is still there", "Accounts/AccountGrain.cs",
            "                else if (request.IdempotencyKey is not null)\n                    await Fence();\n", "")
        {
            In = Emphasis.Splits,
        },
        new("a connection that ended may come back", "Sessions/SessionMachine.cs",
            "record.ConnectionId == connectionId || record.EndedConnections.Contains(connectionId)", "record.ConnectionId == connectionId"),
        new("a stale connection's end is believed", "Sessions/SessionMachine.cs",
            "if (record.State != SessionState.Connected || record.ConnectionId != connectionId)", "if (record.State != SessionState.Connected)"),
        new("a second connection takes over", "Sessions/SessionMachine.cs",
            "        if (record.ConnectionId is not null)\n            return ConnectVerdict.Refuse(ErrorCatalogue.AlreadyConnected, isActivity: true);\n", ""),
        new("an expired token connects", "Sessions/SessionMachine.cs",
            "        if (now >= expiry)\n            return ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: true);\n", "        _ = expiry;\n"),
        new("a token asked for again lives longer", "Sessions/SessionMachine.cs",
            "        record.TokenExpiresAt is not null\n            ? record\n            : (record with", "        (record with"),
        new("the Idempotency-Key is forgotten", "Accounts/AccountGrain.cs",
            "        if (request.IdempotencyKey is not { } key)", "        if (request is not { IdempotencyKey: { } key, SessionId: \"\" })"),
        new("a repeated mint is answered unfinished", "Accounts/AccountGrain.cs",
            "replay.Confirmed ? await Recall(replay.Session) : await Complete(sessionId);", "await Recall(replay.Session);"),
        new("a drop is answered before slot and place are free", "Sessions/SessionGrain.cs",
            "        else if (!_settled)\n        {\n            await Settle();\n        }", "        else if (!_settled)\n        {\n            _ = Settle();\n        }"),
        new("a drop keeps its place on the node", "Sessions/SessionGrain.cs",
            "            await Node.Release(SessionId);", "            await Task.CompletedTask;"),
        new("dropped is not final", "Sessions/SessionMachine.cs",
            "        if (record.State == SessionState.Dropped)\n            return record;\n        var (ended, seconds)", "        var (ended, seconds)"),
        new("a node takes one session too many", "Nodes/NodeMachine.cs",
            "            if (record.Places.Count >= record.Registration!.Capacity)\n                return null;",
            "            if (record.Places.Count > record.Registration!.Capacity)\n                return null;"),
        new("a node's change is lost while a session is asked", "Nodes/NodeGrain.cs",
            "                if (occupied is { } known && ReferenceEquals(asked, Record.Places.GetValueOrDefault(sessionId)))\n                    Record = NodeMachine.Verify(Record, sessionId, known);",
            "                Record = NodeMachine.Verify(before, sessionId, occupied ?? true);")
        {
            Also = ("                var asked = Record", "                var before = Record;\n                var asked = Record"),
        },
        new("a lost node is not noticed", "Nodes/NodeGrain.cs",
            "if (IsRegistered && !Record.Lost && time.GetElapsedTime(_leaseSince) >= _lease)", "if (IsRegistered && !Record.Lost && Record.Deleted)"),
        new("a node's lease runs on the wall clock", "Nodes/NodeGrain.cs",
            "_leaseSince = time.GetTimestamp();", "_leaseSince = time.GetUtcNow().UtcTicks;")
        {
            Also = ("time.GetElapsedTime(_leaseSince) >= _lease", "time.GetUtcNow().UtcTicks - _leaseSince >= _lease.Ticks"),
        },
        new("suspension leaves sessions alive", "Accounts/AccountGrain.cs",
            "        if (change.Suspended == true)\n", "        if (change.Suspended == null)\n"),
        new("streamed time is counted twice", "Accounts/AccountMachine.cs",
            "lease with { SlotUntil = 0, CheckAt = null, StreamingSince = null }", "lease with { SlotUntil = 0, CheckAt = null }"),
        new("the history forgets before it is told", "Sessions/SessionGrain.cs",
            "            await journal.Append(View(), told);\n            Record = SessionMachine.Journaled(Record, told[^1].Seq);",
            "            Record = SessionMachine.Journaled(Record, told[^1].Seq);\n            await journal.Append(View(), told);"),
        new("the account forgets a session that is not settled", "Sessions/SessionGrain.cs",
            "await Account.Release(SessionId, Record.StreamedSeconds, time.Now(), settled);", "await Account.Release(SessionId, Record.StreamedSeconds, time.Now(), true);"),
        new("a stream may last for ever", "Sessions/SessionMachine.cs",
            "SessionState.Connected => Earlier(expiry, DurationLimit(record)),", "SessionState.Connected => expiry,"),
        new("a connect is stamped when its slot is sure, not when it came", "Sessions/SessionGrain.cs",
            "allowance.Value!.MaxStreamSeconds, now));", "allowance.Value!.MaxStreamSeconds, time.Now()));"),
        new("a refused connect puts off the end of a session without a token", "Sessions/SessionMachine.cs",
            "            return ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: false);", "            return ConnectVerdict.Refuse(ErrorCatalogue.SessionExpired, isActivity: true);"),
        new("a full node with lapsed places spins", "Nodes/NodeMachine.cs",
            "record.Places.Values.Where(place => place.IsTaken(now)).Min(place => place.Until)", "record.Places.Values.Min(place => place.Until)"),
        new("a node gives up a place that has become a mint's", "Nodes/NodeGrain.cs",
            "                if (occupied is { } known && ReferenceEquals(asked, Record.Places.GetValueOrDefault(sessionId)))\n", "                if (occupied is { } known && asked is not null)\n"),
        new("a mint overlooks a suspension that came meanwhile", "Accounts/AccountGrain.cs",
            "        if (AccountMachine.Bar(Record, request.KeyId) is { } barred)", "        if (AccountMachine.Bar(new(), null) is { } barred)")
        {
            In = Emphasis.Cuts,
        },
        new("a failed mint cancels another's session", "Sessions/SessionGrain.cs",
            "        if (_confirmed || Record.Confirmed || Record.Attempt != attempt)\n            return false;\n", "")
        {
            In = Emphasis.Splits,
        },
        new("a mint overwrites another's session", "Sessions/SessionGrain.cs",
            "        if (Exists && (Record.Attempt != grant.Attempt || _confirmed || Record.Confirmed))\n            throw new OrleansException($\"{SessionId} was minted by another request.\");\n",
            "        await Reload();\n")
        {
            In = Emphasis.Splits,
        },
        new("a token shortens slot and place before it is written", "Sessions/SessionGrain.cs",
            "            if (until <= PlaceUntil(Record))\n                await Save(issued);\n", ""),
        new("an unanswered mint's remains are in the history", "Sessions/SessionGrain.cs",
            "        if (!_confirmed && !Record.Confirmed && !await Confirmed())", "        if (Record.SessionId.Length == 0)"),
        new("a repeated mint moves a session that is connected", "Sessions/SessionGrain.cs",
            "Record is { State: SessionState.Provisioned, Placed: true }", "Record is { Placed: true }"),
        new("a revoked key leaves a session whose connect was cut off", "Accounts/AccountGrain.cs",
            "lease.Value.KeyId == keyId && lease.Value.SlotUntil is null)", "lease.Value.KeyId == keyId && lease.Value.SlotUntil == 0)")
        {
            In = Emphasis.Cuts,
        },
        new("a node collected as idle gets a new lease", "Nodes/NodeGrain.cs",
            "        DelayDeactivation(_lease);\n", ""),
        new("the last lease is forgotten before it is written", "Accounts/AccountGrain.cs",
            "            await Write();\n            if (Record.Leases.IsEmpty)\n                await Reminder.End(Fence);",
            "            if (due.Length > 0)\n                await Write();\n            if (Record.Leases.IsEmpty)\n                await Reminder.End(() => Task.CompletedTask);")
        {
            In = Emphasis.Splits,
        },
        new("the sweep knows nothing of a suspension", "Accounts/AccountMachine.cs",
            "        if (record.Suspended)\n            return DropReason.AccountSuspended;", "        if (record.Suspended && lease.GrantedAt == 0)\n            return DropReason.AccountSuspended;")
        {
            In = Emphasis.Cuts,
        },
        new("a suspension is answered although a session could not be told", "Accounts/AccountGrain.cs",
            "        if (!reached)\n", "        if (!reached && AccountId.Length == 0)\n"),
        new("slots are counted by leases, whatever these hold", "Accounts/AccountMachine.cs",
            "        var active = ActiveCount(record, now);", "        var active = record.Leases.Count;"),
        new("a broken grain waits for those that wait for it", "Durability/DurableGrain.cs",
            "        await Task.WhenAny(answer, _broken.Task);\n        ThrowIfBroken();\n", "")
        {
            In = Emphasis.Cuts,
        },
        new("a node that comes back asks after none of its places", "Nodes/NodeMachine.cs",
            "place.Value with { Verified = false }", "place.Value")
        {
            In = Emphasis.Cuts,
        },
        new("a session that the sweep keeps awake never looks again", "Sessions/SessionGrain.cs",
            "if (!Exists || time.GetElapsedTime(_lookedAt) < TimeSpan.FromSeconds(_options.IdleSeconds))", "if (true)")
        {
            Needs = Fault.Zombie,
        },
        new("a session that was not there is not looked for again", "Sessions/SessionGrain.cs",
            "        if (!Exists && !justRead)\n", "        if (!Exists && time.GetElapsedTime(_lookedAt) < TimeSpan.Zero)\n")
        {
            In = Emphasis.Splits,
        },
        new("attempts to mint are told apart by their instant", "Accounts/AccountGrain.cs",
            "        var attempt = Attempt();\n", "        var attempt = now.UtcTicks;\n")
        {
            In = Emphasis.Splits,
        },
        new("a suspension overlooks another activation's mint", "Accounts/AccountGrain.cs",
            "!_minting.Contains(lease.Key) && AccountMachine.MayBeMinting(lease.Value, asked)", "_minting.Contains(lease.Key) && AccountMachine.MayBeMinting(lease.Value, time.Now()) && AccountId.Length == 0")
        {
            In = Emphasis.Splits,
        },
        new("a failed mint takes back the lease of a session that is another's", "Accounts/AccountGrain.cs",
            "            if (await Session(sessionId).Cancel(attempt))\n", "            if (await Session(sessionId).Cancel(attempt) || true)\n")
        {
            In = Emphasis.Splits,
        },
        new("a mint that took long does not ask after its place", "Accounts/AccountGrain.cs",
            "                    late = await Complete(request.SessionId);\n", "                    await Fence();\n")
        {
            In = Emphasis.Splits,
        },
        new("one caller in the queue keeps a whole node to itself", "Nodes/PlacementPolicy.cs",
            "node.Capacity - node.Used > waiting.Where(callers => Fits(node, callers.NeedImageToVideo)).Sum(callers => callers.Count)",
            "!waiting.Any(callers => Fits(node, callers.NeedImageToVideo))")
        {
            In = Emphasis.Groups,
        },
        new("a place of a mint that was cut off is kept to its token's end", "Sessions/SessionGrain.cs",
            "        if (await Account.Knows(SessionId))\n", "        if (await Account.Knows(SessionId) || true)\n")
        {
            In = Emphasis.Cuts,
        },
        new("a repeated mint is answered without a reminder", "Accounts/AccountGrain.cs",
            "        if (Record.Leases.ContainsKey(session.SessionId))\n            await Reminder.Ensure();\n", "        await Task.CompletedTask;\n")
        {
            In = Emphasis.Cuts,
        },
        new("a repeated mint is finished on an earlier attempt's lease", "Accounts/AccountGrain.cs",
            "Record.Leases.GetValueOrDefault(sessionId)?.GrantedAt != replay.Session.CreatedAt.ToUnixTimeMilliseconds())", "!Record.Leases.ContainsKey(sessionId))")
        {
            In = Emphasis.Cuts,
        },
        new("a token is told again from memory", "Sessions/SessionGrain.cs",
            "        if (issued == Record)\n            await Fence();\n        else\n", "")
        {
            In = Emphasis.Splits,
        },
        new("a mint begun before a suspension is finished after it", "Accounts/AccountGrain.cs",
            "&& AccountMachine.Bar(Record, request.KeyId) is { } barred\n", "&& AccountMachine.Bar(new(), null) is { } barred\n")
        {
            In = Emphasis.Splits,
        },
        new("a repeated mint is told from memory", "Sessions/SessionGrain.cs",
            "            if (Record.State != SessionState.Dropped)\n                await Fence();\n", "")
        {
            In = Emphasis.Splits,
        },
        new("the end of a connection that another let in is lost", "Sessions/SessionGrain.cs",
            "        if (Record.State != SessionState.Dropped && !SessionMachine.Knows(Record, connectionId))\n            await Fence();\n", "")
        {
            In = Emphasis.Splits,
        },
        new("a session that is elsewhere keeps a place here", "Nodes/NodeGrain.cs",
            "            if (!await Session(sessionId).Vanished(NodeId))\n", "            if (!await Session(sessionId).Vanished(NodeId) && NodeId.Length == 0)\n")
        {
            In = Emphasis.Splits,
        },
        new("a place taken anew is given up with the old one", "Nodes/NodeRecord.cs",
            "ReferenceEquals(this, other);", "other is not null && Until == other.Until && Verified == other.Verified && TakenAt == other.TakenAt;")
        {
            Also = ("RuntimeHelpers.GetHashCode(this);", "TakenAt.GetHashCode();"),
            In = Emphasis.Cuts,
        },
        new("a mint goes nowhere but to the place that was kept for it", "Accounts/AccountGrain.cs",
            "        if (request.ReservedNodeId is null)\n            return null;\n", "        if (request.SessionId is not null)\n            return null;\n")
        {
            In = Emphasis.Groups,
        },
        new("a failed mint gives back another's place", "Sessions/SessionGrain.cs",
            "        // Its place may be another attempt's already, which is on its way here: the node asks after it.\n", "        await Node.Release(SessionId);\n")
        {
            In = Emphasis.Splits,
        },
    ];

    /// <summary>A second change of the same file that belongs to the first.</summary>
    public (string Original, string Mutant)? Also { get; init; }

    /// <summary>Only worlds with this fault can tell: the others are not run.</summary>
    public Fault Needs { get; init; }

    /// <summary>Worlds with this emphasis tell soonest: only they are run.</summary>
    public Emphasis In { get; init; }

    /// <exception cref="InvalidOperationException">The grains have changed and it no longer fits.</exception>
    public string Apply(string source)
    {
        var mutant = Replace(source, Original, Mutant);
        return Also is { } also ? Replace(mutant, also.Original, also.Mutant) : mutant;
    }

    string Replace(string source, string original, string mutant)
    {
        var at = source.IndexOf(original, StringComparison.Ordinal);
        if (at < 0 || source.IndexOf(original, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"The mutation '{Name}' does not fit {File} any more: look for its text there and correct it.");
        return string.Concat(source.AsSpan(0, at), mutant, source.AsSpan(at + original.Length));
    }
}
