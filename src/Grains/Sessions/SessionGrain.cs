using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Accounts;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Journal;
using SessionManager.Nodes;
using SessionManager.Options;
using SessionManager.Signaling;

namespace SessionManager.Sessions;

/// <summary>
/// Hosts <see cref="SessionMachine"/>. Turns are not interleaved: a command sees the session as the one before it left it.
/// The order in which a session and its slot are written is what makes a crash anywhere harmless: the account knows of the
/// session before it is answered for, and forgets it last, so that its sweep can always finish what was cut off.
/// </summary>
[GrainType("session")]
public sealed partial class SessionGrain(
    [PersistentState("session")] IPersistentState<SessionRecord> state,
    IOptions<SessionOptions> options,
    ISessionJournal journal,
    NodeCatalog nodes,
    TimeProvider time,
    ILogger<SessionGrain> logger)
    : DurableGrain<SessionRecord>(state), ISessionGrain
{
    readonly SessionOptions _options = options.Value;
    IGrainTimer? _timer;

    /// <summary>When the record was last read from storage.</summary>
    long _lookedAt;

    /// <summary>The activation has read it for the call that woke it, which is its first.</summary>
    bool _justRead;

    /// <summary>The mint is answered for, even if the record does not say so yet.</summary>
    bool _confirmed;

    /// <summary>Dropped, its place given back, its timeline journaled.</summary>
    bool _settled;

    string SessionId => this.GetPrimaryKeyString();

    IAccountGrain Account => GrainFactory.GetGrain<IAccountGrain>(Record.AccountId);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _lookedAt = time.GetTimestamp();
        _justRead = true;
        if (Exists)
            ArmTimer();
        return Task.CompletedTask;
    }

    // Reading

    public async Task<SessionDetail?> Get(string? accountId)
    {
        if (!await Load() || !Readable(accountId))
            return null;
        return new SessionDetail(View(), Record.Outbox);
    }

    public async Task<MintReplay?> Replay(bool mintFollows)
    {
        if (await Load())
        {
            // What is told again is a credential: not for an activation to give whose session another has ended.
            if (Record.State != SessionState.Dropped)
                await Fence();
            return new MintReplay(View(), Record.BodyDigest, _confirmed || Record.Confirmed, !LacksPlace, Record.Attempt);
        }

        // Every keyed mint asks for the id of the day before: kept, these would be as many as the sessions.
        if (!mintFollows)
            DeactivateOnIdle();
        return null;
    }

    public async Task<bool?> Occupies(string nodeId)
    {
        await LookAgain();
        if (!await Load() || Record.NodeId != nodeId || !Record.Placed || !SessionMachine.NeedsPlace(Record, time.Now()))
            return false;
        if (_confirmed || Record.Confirmed)
            return true;
        if (await Account.Knows(SessionId))
            return null;
        // A crash cut its mint off before the slot was written: no sweep of the account would ever come.
        await Clear();
        DeactivateOnIdle();
        return false;
    }

    // The mint

    public async Task<Session> Create(SessionGrant grant)
    {
        // The account has given up on a grant this old, and may have given the slot to another (a paused silo's late message).
        if (time.Now() - grant.At > SessionMachine.GrantLife)
            throw new TimeoutException("The grant of this session is too old.");
        // Two activations of one account may mint under one Idempotency-Key: the first to be here is the session. And once it is
        // answered for, or the sweep has found it, no other node may take it over as if it were being minted still.
        if (Exists && (Record.Attempt != grant.Attempt || _confirmed || Record.Confirmed))
            throw new OrleansException($"{SessionId} was minted by another request.");
        Record = SessionMachine.Mint(SessionId, grant, _options);
        await Write();
        _justRead = false;
        ArmTimer();
        return View();
    }

    public Task Confirm()
    {
        if (!Exists)
            return Task.CompletedTask;
        _confirmed = true;
        JournalSoon();
        return Task.CompletedTask;
    }

    public async Task<bool> Cancel(long attempt)
    {
        if (!await IsThere())
            return true;
        // The same id may have been minted again, and answered, by the time an old mint gives up.
        if (_confirmed || Record.Confirmed || Record.Attempt != attempt)
            return false;
        // Its place may be another attempt's already, which is on its way here: the node asks after it.
        await Clear();
        DeactivateOnIdle();
        return true;
    }

    // Commands

    public async Task<Result<Session>> IssueToken(string accountId)
    {
        if (!await Load() || !Readable(accountId) || Record.State == SessionState.Dropped)
            return new Refusal(ErrorCatalogue.SessionNotFound);
        var now = time.Now();
        var issued = SessionMachine.IssueToken(Record, now, _options);
        if (now >= issued.TokenExpiresAt)
            return new Refusal(ErrorCatalogue.SessionExpired);
        if (Record.State == SessionState.Provisioned)
        {
            // Slot and place must outlast what is stored of the session: lengthened before that is written, shortened after.
            var until = issued.TokenExpiresAt!.Value;
            if (until <= PlaceUntil(Record))
                await Save(issued);
            // Again at every call: an earlier one may have been cut off between the writes.
            var slot = Account.Extend(SessionId, until);
            var place = Node.Reserve(SessionId, until);
            await Task.WhenAll(slot, place);
            if (!await slot)
                return new Refusal(ErrorCatalogue.SessionNotFound);
            var placed = await place;
            issued = (Record.TokenExpiresAt is null ? issued : Record) with { Placed = placed };
        }

        // Told again, too, it is a credential: not for an activation to give whose session another has taken back.
        if (issued == Record)
            await Fence();
        else
            await Save(issued);
        return View();
    }

    public async Task<Result<Session>> Connected(string nodeId, string connectionId)
    {
        if (!await Load())
            return new Refusal(ErrorCatalogue.SessionNotFound);
        // The token had to be alive when the client came, not when its slot and place have been made sure of.
        var now = time.Now();
        var verdict = SessionMachine.JudgeConnect(Record, nodeId, connectionId, now);
        if (verdict.Refusal is { } code)
            return await RefuseConnect(code, verdict.IsActivity);
        if (!verdict.Accept)
            return View();

        // The account first: once it holds the slot open, a crash before the write below leaves a lease that its sweep
        // corrects, and never a stream without a slot.
        var allowance = await Account.Hold(SessionId);
        if (allowance.Refusal is { } refusal)
            return await RefuseConnect(refusal.Code, isActivity: true);
        if (!await Node.Hold(SessionId))
            return await RefuseConnect(ErrorCatalogue.NoStreamer, isActivity: true);
        await Save(SessionMachine.Connect(Record with { Placed = true }, connectionId, allowance.Value!.MaxStreamSeconds, now));
        return View();
    }

    public async Task<Result<Session>> Disconnected(string nodeId, string connectionId, bool clean)
    {
        if (!await Load() || Record.NodeId != nodeId)
            return new Refusal(ErrorCatalogue.SessionNotFound);
        // Another activation may have let it in: "that one is not here" would lose its end.
        if (Record.State != SessionState.Dropped && !SessionMachine.Knows(Record, connectionId))
            await Fence();
        await Save(SessionMachine.Disconnect(Record, connectionId, clean, time.Now()));
        return View();
    }

    public async Task<bool> Vanished(string nodeId)
    {
        if (!await Load() || Record.NodeId != nodeId)
            return false;
        if (Record.ConnectionId is { } connectionId)
            await Save(SessionMachine.Disconnect(Record, connectionId, clean: false, time.Now()));
        return Record.State != SessionState.Dropped;
    }

    public async Task<Result<Session>> Drop(string? accountId, DropReason reason)
    {
        if (!await Load() || !Readable(accountId))
            return new Refusal(ErrorCatalogue.SessionNotFound);
        await Save(SessionMachine.Drop(Record, reason, time.Now()));
        return View();
    }

    public async Task NodeLost(string nodeId, bool drop)
    {
        if (!await Load() || Record.NodeId != nodeId)
            return;
        if (drop || Record.State == SessionState.Connected)
            await Save(SessionMachine.Drop(Record, DropReason.NodeLost, time.Now()));
        else if (SessionMachine.NeedsPlace(Record, time.Now()))
            await FindPlace(Record with { Placed = false });
    }

    // The sweep

    public async Task<SessionHold?> Check(bool streaming)
    {
        var looked = await LookAgain();
        if (!await Load())
            return null;
        // A node that does not know of a stream, because another activation of it gave the place, would never miss it.
        if (looked && Record.State == SessionState.Connected && !await Node.Hold(SessionId))
            await Save(SessionMachine.Drop(Record, DropReason.NodeLost, time.Now()));
        if (Record.State == SessionState.Dropped)
        {
            if (!_settled)
                await Settle();
            return _settled ? null : new SessionHold(time.Now(), null);
        }

        // The account has seen it connected: this activation may know less than what another has written.
        if (streaming && Record.State == SessionState.Provisioned)
            await Fence();

        // Only a session with a lease is asked, and a lease is written for no other reason than a mint. Whether that mint came
        // to its place on the node before it was cut off, nobody knows.
        if (!_confirmed && !Record.Confirmed && Record is { State: SessionState.Provisioned, Placed: true }
            && SessionMachine.NeedsPlace(Record, time.Now()))
        {
            var placed = await Node.Reserve(SessionId, PlaceUntil(Record));
            Record = Record with { Placed = placed };
        }

        // Found, not told of: a write of the process that died may still change the record, unless this one comes first. Only
        // then is it clear what goes into the history.
        var found = !_confirmed && !Record.Confirmed;
        if (LacksPlace)
            await FindPlace(Record with { Confirmed = true });
        else if ((found || Record.BodyDigest is not null) && !Record.Confirmed)
            await Save(Record with { Confirmed = true });
        _confirmed = true;
        await JournalNow();
        return SessionMachine.Hold(Record, _options);
    }

    public async Task<bool> Purge()
    {
        if (!await IsThere())
            return true;
        if (!await Load() || !SessionMachine.IsPurgeable(Record, time.Now(), _options))
            return false;
        await Clear();
        DeactivateOnIdle();
        return true;
    }

    // How it is done

    INodeGrain Node => GrainFactory.GetGrain<INodeGrain>(Record.NodeId);

    Session View() => SessionMachine.View(Record, time.Now());

    bool Readable(string? accountId) =>
        (accountId is null || Record.AccountId == accountId) && SessionMachine.IsReadable(Record, time.Now(), _options);

    bool LacksPlace => !Record.Placed && SessionMachine.NeedsPlace(Record, time.Now());

    DateTimeOffset PlaceUntil(SessionRecord record) =>
        record.TokenExpiresAt ?? record.LastActivityAt.AddSeconds(_options.IdleSeconds);

    /// <summary>
    /// A session that the sweep keeps awake without an event of its own would never learn that another activation has ended it.
    /// </summary>
    /// <returns>Whether it was due.</returns>
    async Task<bool> LookAgain()
    {
        if (!Exists || time.GetElapsedTime(_lookedAt) < TimeSpan.FromSeconds(_options.IdleSeconds))
            return false;
        await Reload();
        _lookedAt = time.GetTimestamp();
        return true;
    }

    /// <summary>
    /// "There is none" takes the slot and the place away, and lets a suspension be answered. Another activation may have minted it
    /// since this one was asked for it: said only after a look that began with the call.
    /// </summary>
    async Task<bool> IsThere()
    {
        var justRead = _justRead;
        _justRead = false;
        if (!Exists && !justRead)
        {
            await Reload();
            _lookedAt = time.GetTimestamp();
        }

        return Exists;
    }

    /// <summary>Keeps the deadlines that have passed; false where there is no such session.</summary>
    async Task<bool> Load()
    {
        if (!await IsThere())
            return false;
        var kept = SessionMachine.KeepDeadlines(Record, time.Now(), _options);
        if (kept != Record)
            await Save(kept);
        return Exists;
    }

    /// <summary>Writes what has changed, if anything, and does what follows from it before the caller is answered.</summary>
    async Task Save(SessionRecord next)
    {
        next = next with { Confirmed = next.Confirmed || _confirmed };
        if (next != Record)
        {
            var before = Record;
            Record = next;
            await Write();
            TellChannel(before);
        }

        if (Record.State != SessionState.Dropped)
        {
            ArmTimer();
            JournalSoon();
        }
        else if (!_settled)
        {
            await Settle();
        }
    }

    /// <summary>
    /// A dropped session gives back its place and its slot. The account's lease goes last: while it is there, the sweep comes
    /// back to whatever did not succeed here.
    /// </summary>
    async Task Settle()
    {
        _timer?.Dispose();
        _timer = null;
        Exception? failure = null;
        try
        {
            await Node.Release(SessionId);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (!_confirmed && !Record.Confirmed && !await Confirmed())
        {
            if (failure is not null)
                return;
            await Clear();
            DeactivateOnIdle();
            return;
        }

        var journaled = await JournalNow();
        var settled = journaled && failure is null;
        await Account.Release(SessionId, Record.StreamedSeconds, time.Now(), settled);
        _settled = settled;
        if (failure is not null)
            throw new OrleansException($"The node's place of session {SessionId} is not freed yet.", failure);
    }

    /// <summary>
    /// Whether the mint of a session that ends was ever finished. What a crash left of one that was not is nobody's session: its
    /// id may be minted again, and so it must not be in the history.
    /// </summary>
    async Task<bool> Confirmed()
    {
        if (!await Account.Release(SessionId, Record.StreamedSeconds, time.Now(), settled: false))
            return false;
        Record = Record with { Confirmed = true };
        await Write();
        return true;
    }

    async Task<Result<Session>> RefuseConnect(string code, bool isActivity)
    {
        if (isActivity)
            await Save(SessionMachine.RefuseConnect(Record, code, time.Now()));
        return new Refusal(code, RetryAfterSeconds: code == ErrorCatalogue.NoStreamer ? 1 : null);
    }

    /// <summary>Puts a session that has no place on another node with room; where there is none, the next sweep tries again.</summary>
    async Task FindPlace(SessionRecord unplaced)
    {
        var placement = new Placement(unplaced.RegionLatencies, unplaced.NeedsImageToVideo);
        var node = await nodes.Place(SessionId, placement, PlaceUntil(unplaced));
        await Save(node is null ? unplaced : SessionMachine.Move(unplaced, node, time.Now()));
    }

    /// <summary>The node, and a client on the built-in gateway, hear at once that the session is over or elsewhere.</summary>
    void TellChannel(SessionRecord before)
    {
        var dropped = before.State != SessionState.Dropped && Record is { State: SessionState.Dropped };
        if (dropped || before.NodeId != Record.NodeId)
            _ = Tell(GrainFactory.GetGrain<IChannelGrain>(before.NodeId).SessionEnded(
                SessionId, dropped ? DropReasons.Name(Record.Reason!.Value) : IChannelGrain.Moved));
    }

    async Task Tell(Task telling)
    {
        try
        {
            await telling;
        }
        catch (Exception exception)
        {
            LogChannelNotTold(SessionId, exception);
        }
    }

    void ArmTimer()
    {
        if (SessionMachine.NextDeadline(Record, _options) is not { } deadline)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        var due = deadline - time.Now();
        if (due < TimeSpan.Zero)
            due = TimeSpan.Zero;
        if (_timer is null)
            _timer = this.RegisterGrainTimer(Tick, due, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    async Task Tick(CancellationToken cancellation)
    {
        if (await Load() && Record.State != SessionState.Dropped)
            ArmTimer();
    }

    /// <summary>The journal is a projection: nobody waits for it but the end of the session and the sweep.</summary>
    void JournalSoon()
    {
        if (_confirmed || Record.Confirmed)
            _ = JournalNow();
    }

    async Task<bool> JournalNow()
    {
        ImmutableArray<SessionEvent> told = Record.Outbox;
        if (told.IsEmpty)
            return true;
        try
        {
            await journal.Append(View(), told);
            Record = SessionMachine.Journaled(Record, told[^1].Seq);
            return true;
        }
        catch (Exception exception)
        {
            LogNotJournaled(SessionId, exception);
            return false;
        }
    }

    [LoggerMessage(101, LogLevel.Warning, "Session {SessionId} is not journaled yet; the sweep will try again.")]
    partial void LogNotJournaled(string sessionId, Exception exception);

    [LoggerMessage(102, LogLevel.Warning, "The channel of session {SessionId}'s node has not heard that it is over there.")]
    partial void LogChannelNotTold(string sessionId, Exception exception);
}
