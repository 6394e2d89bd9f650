using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Options;
using SessionManager.Randomness;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>
/// Hosts <see cref="AccountMachine"/>. Reentrant, so that a busy account is a queue and not a wall: each request decides on
/// the record as it stands, then waits for the one write that carries its change and its neighbours'. What is decided but not
/// written is told to nobody; if that write fails, this activation ends and all who waited on it get an error.
/// </summary>
[GrainType("account")]
[Reentrant]
public sealed partial class AccountGrain(
    [PersistentState("account")] IPersistentState<AccountRecord> state,
    IOptions<AccountOptions> options,
    IOptions<SessionOptions> sessionOptions,
    NodeCatalog nodes,
    IRandomSource random,
    TimeProvider time,
    ILogger<AccountGrain> logger)
    : DurableGrain<AccountRecord>(state), IAccountGrain, IRemindable
{
    /// <summary>How many sessions a sweep asks at a time: it must not crowd out the callers.</summary>
    const int SweepWidth = 32;

    /// <summary>
    /// From an activation to its first sweep. A mint puts the reminder's next tick off; where activations are short-lived, as
    /// in a process that crashes again and again, it would never come.
    /// </summary>
    static readonly TimeSpan FirstSweep = TimeSpan.FromSeconds(1);

    readonly AccountOptions _options = options.Value;
    readonly SessionOptions _sessionOptions = sessionOptions.Value;
    readonly RateLimiter _rate = new(options.Value.RequestsPerMinute, options.Value.KeyRequestsPerMinute);

    /// <summary>Idempotency keys whose first request has not been answered yet.</summary>
    readonly HashSet<string> _inFlight = [];

    /// <summary>Sessions being minted: what a sweep would find of them says nothing yet.</summary>
    readonly HashSet<string> _minting = [];
    SweepReminder? _reminder;
    bool _sweeping;

    /// <summary>Whether this activation has asked every session once: a crash may have cut any of them off.</summary>
    bool _askedAll;

    string AccountId => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!Record.Leases.IsEmpty)
            this.RegisterGrainTimer(_ => Sweep(), FirstSweep, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    // The door

    public Task<Result<AccountAccess>> Enter(string? keyId, bool metered) => Task.FromResult(Admit(keyId, metered));

    Result<AccountAccess> Admit(string? keyId, bool metered)
    {
        if (!IsOpen)
            return new Refusal(ErrorCatalogue.Unauthenticated);
        var now = time.Now();
        var rate = metered ? _rate.Count(keyId, now) : _rate.Peek(now);
        if (rate.Refusal is { } refusal)
            return refusal;
        return new AccountAccess
        {
            AccountId = AccountId,
            IsAdmin = Record.IsAdmin,
            KeysEnabled = Record.KeysEnabled,
            Suspended = Record.Suspended,
            SuspendedReason = Record.SuspendedReason,
            LoginEpoch = Record.LoginEpoch,
            Rate = rate.Value!,
        };
    }

    // Minting

    public Task<Result<Session>> Mint(MintRequest request) => UntilBroken(MintOrRepeat(request));

    async Task<Result<Session>> MintOrRepeat(MintRequest request)
    {
        if (!IsOpen)
            return new Refusal(ErrorCatalogue.Unauthenticated);
        if (request.IdempotencyKey is not { } key)
            return await MintNew(request);
        if (!_inFlight.Add(key))
            return new Refusal(ErrorCatalogue.IdempotencyInFlight, RetryAfterSeconds: 1);
        try
        {
            return await MintOnce(request, key);
        }
        finally
        {
            _inFlight.Remove(key);
        }
    }

    /// <summary>The first answer again, or a mint under the id that the key stands for today.</summary>
    async Task<Result<Session>> MintOnce(MintRequest request, string key)
    {
        var now = time.Now();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var todays = SessionIds.Derived(AccountId, key, today);
        foreach (var sessionId in new[] { SessionIds.Derived(AccountId, key, today.AddDays(-1)), todays })
        {
            // A record that was never confirmed, without a lease of ours, is what a crash left of a mint nobody was answered for.
            if (await Session(sessionId).Replay(mintFollows: sessionId == todays) is not { } replay)
                continue;
            // Nor is a lease that an earlier attempt left under this id.
            if (!replay.Confirmed && Record.Leases.GetValueOrDefault(sessionId)?.GrantedAt != replay.Session.CreatedAt.ToUnixTimeMilliseconds())
            {
                // That the lease is not ours is only known to be so by who still owns the account's record.
                await Fence();
                await Session(sessionId).Cancel(replay.Attempt);
                continue;
            }

            if (now - replay.Session.CreatedAt >= SessionMachine.IdempotencyLife)
                continue;
            if (replay.BodyDigest != request.BodyDigest)
                return new Refusal(ErrorCatalogue.IdempotencyMismatch);
            var told = replay.Confirmed ? await Recall(replay.Session) : await Complete(sessionId);
            // A suspension or revocation may not have found it, because it was stored too late: it is the sweep's to end.
            return told.Value is { State: SessionState.Provisioned } && AccountMachine.Bar(Record, request.KeyId) is { } barred
                ? barred
                : told;
        }

        return await MintNew(request with { SessionId = todays });
    }

    async Task<Result<Session>> Recall(Session session)
    {
        // A sweep may have found it whose own reminder could not be registered: nobody would come after a crash.
        if (Record.Leases.ContainsKey(session.SessionId))
            await Reminder.Ensure();
        return session;
    }

    /// <summary>
    /// Makes up what a mint that was cut off, or took long, may lack before it is answered for: the reminder, and the place on a node.
    /// </summary>
    async Task<Result<Session>> Complete(string sessionId)
    {
        // Another activation may be giving it up, or have: the lease is there to stay only for who writes the account's record.
        await Task.WhenAll(Fence(), Reminder.Ensure());
        await Session(sessionId).Check(streaming: false);
        return await Session(sessionId).Replay(mintFollows: false) is { Placed: true } replay
            ? replay.Session
            : new Refusal(ErrorCatalogue.NoStreamer, RetryAfterSeconds: 1);
    }

    async Task<Result<Session>> MintNew(MintRequest request)
    {
        // Two at once under one id (the door keeps no two with one Idempotency-Key) would take each other's place and slot back.
        if (!_minting.Add(request.SessionId))
            return new Refusal(ErrorCatalogue.IdempotencyInFlight, RetryAfterSeconds: 1);
        try
        {
            return await Provide(request);
        }
        finally
        {
            _minting.Remove(request.SessionId);
        }
    }

    async Task<Result<Session>> Provide(MintRequest request)
    {
        if (AccountMachine.Refuse(Record, request.KeyId, time.Now(), _options) is { } refusal)
            return refusal;
        var candidates = await Candidates(request);
        if (candidates.IsEmpty)
            return new Refusal(ErrorCatalogue.NoStreamer, RetryAfterSeconds: 1);

        // Asked again: others were minted for while the candidates came. From here to the grant nothing can come between.
        var now = time.Now();
        if (AccountMachine.Refuse(Record, request.KeyId, now, _options) is { } overtaken)
            return overtaken;
        var slotUntil = now.AddSeconds(request.WithToken ? _sessionOptions.TokenSeconds : _sessionOptions.IdleSeconds);
        Record = AccountMachine.Grant(Record, request.SessionId, request.KeyId, slotUntil, now);
        var granted = Record.Leases[request.SessionId];
        // The reminder too must be durable before the session is answered for: without it nobody would come after a crash.
        var lease = Task.WhenAll(Write(), Reminder.Ensure());
        var attempt = Attempt();
        var provision = Provision(request, candidates, slotUntil, now, attempt);
        Result<Session>? late = null;
        try
        {
            await Task.WhenAll(lease, provision);
            if (await provision is not null)
            {
                // Others may have found lease and place before the session's record was there, and taken them for a dead mint's.
                if (time.Now() - now >= SessionMachine.GrantLife / 2)
                    late = await Complete(request.SessionId);
                // Another activation may have minted under the same Idempotency-Key, and have taken back this attempt's lease with its own.
                else if (request.IdempotencyKey is not null)
                    await Fence();
            }
        }
        catch
        {
            await Undo(request.SessionId, attempt, granted);
            throw;
        }

        if (await provision is not { } session)
        {
            await Undo(request.SessionId, attempt, granted);
            return new Refusal(ErrorCatalogue.NoStreamer, RetryAfterSeconds: 1);
        }

        // The account may have been suspended or the key revoked meanwhile, by one who then found no session here to drop.
        if (AccountMachine.Bar(Record, request.KeyId) is { } barred)
        {
            await Session(request.SessionId).Drop(null, barred.Code == ErrorCatalogue.AccountSuspended
                ? DropReason.AccountSuspended
                : DropReason.Terminated);
            return barred;
        }

        if (late is { } completed)
            return completed;
        // Awaited, so that the caller finds the session in the lists. Without an answer the sweep confirms it.
        await Session(request.SessionId).Confirm()
            .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        return session;
    }

    /// <summary>The node that keeps a place for it, and if there is none any more, those that anyone may be given.</summary>
    async Task<ImmutableArray<Node>> Candidates(MintRequest request) =>
        request.ReservedNodeId is { } reserved && await GrainFactory.GetGrain<INodeGrain>(reserved).Get() is { } keeping
            ? [keeping]
            : await nodes.Candidates(request.SessionId, new Placement(request.RegionLatencies, request.NeedsImageToVideo));

    /// <summary>The node's place and the session's record, written side by side; null where no node has room.</summary>
    async Task<Session?> Provision(
        MintRequest request, ImmutableArray<Node> candidates, DateTimeOffset slotUntil, DateTimeOffset now, long attempt)
    {
        foreach (var node in candidates)
        {
            var grant = new SessionGrant
            {
                AccountId = AccountId,
                KeyId = request.KeyId,
                NodeId = node.NodeId,
                Region = node.Region,
                Model = node.Model,
                Capabilities = node.Capabilities,
                NodeSignalingUrl = node.SignalingUrl,
                NeedsImageToVideo = request.NeedsImageToVideo,
                RegionLatencies = request.RegionLatencies,
                WithToken = request.WithToken,
                At = now,
                BodyDigest = request.BodyDigest,
                Attempt = attempt,
            };
            var place = GrainFactory.GetGrain<INodeGrain>(node.NodeId).Reserve(request.SessionId, slotUntil);
            var record = Session(request.SessionId).Create(grant);
            await UntilBroken(Task.WhenAll(place, record));
            if (await place)
                return await record;
            nodes.Forget(node.NodeId);
        }

        if (request.ReservedNodeId is null)
            return null;
        // Its place was kept no longer and is another's by now: the other nodes are as good as for anyone.
        var open = request with { ReservedNodeId = null };
        return await Provision(open, await Candidates(open), slotUntil, now, attempt);
    }

    long Attempt()
    {
        var attempt = 0L;
        random.Fill(MemoryMarshal.AsBytes(new Span<long>(ref attempt)));
        return attempt;
    }

    /// <summary>
    /// A part of a mint failed, perhaps with its outcome unknown. All of them lapse by themselves; this frees them sooner, and its
    /// own failure adds nothing to what the caller is told. The lease goes only where the session surely does: a sweep of another
    /// activation may have found it, and it is then a session like any other. A place without a session is its node's to ask after:
    /// it may be another attempt's by now.
    /// </summary>
    async Task Undo(string sessionId, long attempt, Lease granted)
    {
        try
        {
            if (await Session(sessionId).Cancel(attempt))
                await TakeBack(sessionId, granted);
        }
        catch (Exception exception)
        {
            LogNotUndone(sessionId, exception);
        }
    }

    async Task TakeBack(string sessionId, Lease granted)
    {
        if (!Record.Leases.TryGetValue(sessionId, out var lease) || !ReferenceEquals(lease, granted))
            return;
        Record = AccountMachine.Forget(Record, sessionId);
        await Write();
    }

    // The slots

    public async Task<bool> Extend(string sessionId, DateTimeOffset slotUntil)
    {
        if (AccountMachine.Extend(Record, sessionId, slotUntil, time.Now()) is not { } extended)
            return false;
        await Save(extended);
        return true;
    }

    public async Task<Result<StreamAllowance>> Hold(string sessionId)
    {
        var held = AccountMachine.Hold(Record, sessionId, time.Now());
        if (held.Refusal is { } refusal)
            return refusal;
        await Save(held.Value!);
        return new StreamAllowance(AccountMachine.MaxStreamSeconds(Record, _options));
    }

    public async Task<bool> Knows(string sessionId)
    {
        if (Record.Leases.ContainsKey(sessionId))
            return true;
        // A session that nobody knows of deletes itself: only the account's true owner may say so.
        await Fence();
        return Record.Leases.ContainsKey(sessionId);
    }

    public async Task<bool> Release(string sessionId, double streamedSeconds, DateTimeOffset at, bool settled)
    {
        var known = Record.Leases.ContainsKey(sessionId);
        // As in Knows: what is not known deletes itself.
        if (known)
            await Save(AccountMachine.Release(Record, sessionId, streamedSeconds, settled, at));
        else
            await Fence();
        return known;
    }

    // Administration

    public async Task<Account> Open(AccountSettings settings)
    {
        if (!IsOpen)
            Record = AccountMachine.Open(settings, time.Now());
        await Write();
        return View();
    }

    public Task<Account?> Get() => Task.FromResult(IsOpen ? View() : null);

    public Task<AccountUsage?> Usage() =>
        Task.FromResult(IsOpen ? AccountMachine.Usage(Record, time.Now(), _options) : null);

    public async Task<Account?> Change(AccountChange change)
    {
        if (!IsOpen)
            return null;
        Record = AccountMachine.Change(Record, change);
        await Write();
        if (change.Suspended == true)
            await DropAll(_ => true, DropReason.AccountSuspended);
        else if (change.KeysEnabled is not null || change.IsAdmin is not null)
            await DropAll(lease => AccountMachine.Doom(Record, lease) is not null, DropReason.Terminated);
        return View();
    }

    public async Task KeyRevoked(string keyId, bool connectedToo)
    {
        if (!IsOpen)
            return;
        Record = AccountMachine.RevokeKey(Record, keyId, connectedToo, time.Now());
        await Write();
        // A connect that was cut off leaves a lease like that of a stream: only the session knows.
        var asked = await Each(
            [.. Record.Leases.Where(lease => lease.Value.KeyId == keyId && lease.Value.SlotUntil is null).OrderBy(lease => lease.Key, StringComparer.Ordinal)],
            lease => Ask(lease.Key, lease.Value));
        if (!asked)
            throw NotAllReached();
        await DropAll(lease => lease.KeyId == keyId && AccountMachine.Doom(Record, lease) is not null, DropReason.Terminated);
    }

    async Task DropAll(Func<Lease, bool> which, DropReason reason)
    {
        var leases = Record.Leases.Where(lease => which(lease.Value)).OrderBy(lease => lease.Key, StringComparer.Ordinal).ToArray();
        var reached = await Each(leases, async lease =>
        {
            var asked = time.Now();
            var dropped = await Session(lease.Key).Drop(null, reason);
            // A mint of this activation sees for itself that it is barred; one of another may still be answered for.
            if (!dropped.Ok && !_minting.Contains(lease.Key) && AccountMachine.MayBeMinting(lease.Value, asked))
                throw new OrleansException($"{lease.Key} may be on its way.");
        });
        if (!reached)
            throw NotAllReached();
    }

    OrleansException NotAllReached() => new($"Account {AccountId} could not reach all of its sessions yet; the sweep goes on.");

    // The sweep

    public Task ReceiveReminder(string reminderName, TickStatus status) => Sweep();

    /// <summary>
    /// Asks every session whose deadline has passed, and every connected one, what it needs. It ends what no timer lived to
    /// end, and corrects every lease that a crash left wrong.
    /// </summary>
    async Task Sweep()
    {
        if (_sweeping)
            return;
        _sweeping = true;
        try
        {
            var now = time.Now();
            var due = Record.Leases
                .Where(lease => (!_askedAll || lease.Value.IsDue(now) || AccountMachine.Doom(Record, lease.Value) is not null)
                    && !_minting.Contains(lease.Key))
                .OrderBy(lease => lease.Key, StringComparer.Ordinal)
                .ToArray();
            _askedAll = await Each(due, async lease =>
            {
                // Whoever suspended the account or revoked the key may have died before every session was told.
                if (AccountMachine.Doom(Record, lease.Value) is { } reason)
                    await Session(lease.Key).Drop(null, reason);
                await Ask(lease.Key, lease.Value);
            });
            await Write();
            if (Record.Leases.IsEmpty)
                await Reminder.End(Fence);
        }
        finally
        {
            _sweeping = false;
        }
    }

    async Task Ask(string sessionId, Lease lease)
    {
        // An answer that took long is no younger than its question: that there was no session yet is not that there is none.
        var asked = time.Now();
        var hold = await Session(sessionId).Check(lease.SlotUntil is null);
        Record = AccountMachine.Checked(Record, sessionId, lease, hold, asked);
    }

    /// <summary>Does it for each, some at a time; false where some failed, which is left to the next sweep.</summary>
    async Task<bool> Each<T>(IReadOnlyList<T> items, Func<T, Task> act)
    {
        var all = true;
        foreach (var some in items.Chunk(SweepWidth))
        {
            await Task.WhenAll(some.Select(async item =>
            {
                try
                {
                    await UntilBroken(act(item));
                }
                catch (Exception exception)
                {
                    all = false;
                    LogLeftToSweep(AccountId, exception);
                }
            }));
        }

        return all;
    }

    // How it is done

    /// <summary>The record is in storage, or was until this activation changed it: an account is never closed.</summary>
    bool IsOpen => Record.OpenedAt != default;

    SweepReminder Reminder =>
        _reminder ??= new SweepReminder(this, "sweep", TimeSpan.FromSeconds(_sessionOptions.SweepSeconds));

    ISessionGrain Session(string sessionId) => GrainFactory.GetGrain<ISessionGrain>(sessionId);

    Account View() => AccountMachine.View(AccountId, Record, time.Now(), _options);

    /// <summary>Waits even where nothing changes: an earlier call's change may be decided and not yet written.</summary>
    Task Save(AccountRecord next)
    {
        Record = next;
        return Write();
    }

    [LoggerMessage(201, LogLevel.Warning, "Session {SessionId}'s failed mint is not undone; its lease and place lapse by themselves.")]
    partial void LogNotUndone(string sessionId, Exception exception);

    [LoggerMessage(202, LogLevel.Warning, "Account {AccountId} could not reach one of its sessions; the next sweep tries again.")]
    partial void LogLeftToSweep(string accountId, Exception exception);
}
