using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Owners;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>
/// Owns an account's slots: they are the rows of its live sessions, kept in memory under the account's epoch. Reentrant, so that
/// calls of a busy account do not wait for one another's writes; between a decision and its promise nothing is awaited.
/// </summary>
[GrainType("account")]
[Reentrant]
public sealed partial class AccountGrain(
    [PersistentState("account")] IPersistentState<AccountRecord> state,
    ISessionStore store,
    NodeCatalog nodes,
    IOptions<AccountOptions> options,
    IOptions<SessionOptions> sessionOptions,
    TimeProvider time,
    ILogger<AccountGrain> logger)
    : DurableGrain<AccountRecord>(state), IAccountGrain, IRemindable
{
    /// <summary>The reminder that finishes a change of settings of which not all sessions have been told.</summary>
    const string UnfinishedChange = "change";

    /// <summary>How many sessions are spoken to at a time.</summary>
    const int Width = 64;

    readonly AccountOptions _options = options.Value;
    readonly SessionOptions _sessionOptions = sessionOptions.Value;
    readonly Slots _slots = new(time);
    Owner? _owner;
    IGrainTimer? _timer;
    DateTimeOffset? _timerAt;

    string AccountId => this.GetPrimaryKeyString();

    Owner Owner => _owner ??= new Owner(OwnerKind.Account, AccountId, store, _slots, time)
    {
        First = Reload,
        Usurped = BreakOff,
        Unsure = Break,
        ThrowIfEnded = ThrowIfBroken,
    };

    /// <summary>The record is in storage, or was until this activation changed it: an account is never closed.</summary>
    bool IsOpen => Record.OpenedAt != default;

    // The slots of live sessions

    public async Task<Result<SlotPromise>> Hold(string sessionId, long version, DateTimeOffset? until, DateTimeOffset? connectedAt)
    {
        var streamEndsAt = connectedAt is { } at ? await StreamEndOf(at, starting: 1) : null;
        await Owner.Own();
        if (!_slots.TryFindHeld(sessionId, time.Now(), out var holding) || holding.Session is null || WhyItMustEnd(holding) is not null)
        {
            await Owner.Look();
            if (!_slots.TryFindHeld(sessionId, time.Now(), out holding) || holding.Session is null)
                return new Refusal(ErrorCatalogue.SessionExpired);
        }

        // A revocation spares connected sessions: one that it is to end must not get connected.
        if (WhyItMustEnd(holding) is not null)
            return new Refusal(ErrorCatalogue.SessionDropped);
        _slots.Promise(sessionId, version, until, time.Now());
        ArmTimer();
        return new SlotPromise(Owner.Fence.Epoch, streamEndsAt);
    }

    public Task SessionChanged(SessionReport report)
    {
        var before = _slots.Find(report.SessionId)?.Session;
        if (before is null || report.Version <= before.Version)
            return Task.CompletedTask;
        if (report.State == SessionState.Dropped)
            _slots.Dropped(report);
        else
            _slots.Hear(report);
        ArmTimer();
        return Task.CompletedTask;
    }

    public async Task Fenced(long epoch)
    {
        await Owner.Own();
        if (Owner.Fence.Epoch == epoch)
            Break();
    }

    // Administration

    public async Task<Account> Open(AccountSettings settings)
    {
        if (!IsOpen)
            Record = AccountRules.Open(settings, time.Now());
        await Write();
        return await View();
    }

    public async Task<Account?> Get() => IsOpen ? await View() : null;

    public async Task<AccountUsage?> Usage()
    {
        if (!IsOpen)
            return null;
        await Owner.Look();
        var now = time.Now();
        return new AccountUsage
        {
            PeriodStart = StreamHours.MonthOf(now),
            ResetDate = StreamHours.NextMonth(now),
            LimitHours = AccountRules.MonthlyHours(Record, _options),
            ActiveCount = _slots.Held(now),
            Limit = AccountRules.MaxConcurrent(Record, _options),
        };
    }

    public async Task<Account?> Change(AccountChange change)
    {
        if (!IsOpen)
            return null;
        await Owner.Own();
        // Slots too: the more there are, the sooner the month's hours may be used up.
        var limitsToo = change.MonthlyHours is not null || change.MaxStreamSeconds is not null || change.MaxConcurrent is not null;
        await Apply(AccountRules.Change(Record, change), limitsToo);
        return await View();
    }

    public async Task KeyRevoked(string keyId, bool connectedToo)
    {
        if (!IsOpen)
            return;
        await Owner.Own();
        await Apply(AccountRules.RevokeKey(Record, keyId, connectedToo, time.Now()), limitsToo: false);
    }

    /// <summary>
    /// Stores new settings and makes them hold for what lives already. The new epoch stops every mint and connect that was decided
    /// under the old ones, here or in an older activation that still runs. If this is cut off, the reminder finishes it.
    /// </summary>
    async Task Apply(AccountRecord next, bool limitsToo)
    {
        Record = next;
        var cutOff = _slots.All.Count > 0;
        // Before the change itself: if this process dies after storing it, nothing else would tell the sessions that live already.
        if (cutOff)
            await KeepUnfinished();
        await Write();
        await Owner.MoveOn();
        await Settle(limitsToo);
        if (cutOff)
            await EndReminder();
    }

    async Task KeepUnfinished()
    {
        try
        {
            await this.RegisterOrUpdateReminder(UnfinishedChange, Sweep, Sweep);
        }
        catch
        {
            // The change is in memory only: this activation must end before anybody reads it.
            Break();
            throw;
        }
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        await Owner.Own();
        await Settle(limitsToo: true);
        await EndReminder();
    }

    /// <exception cref="OrleansException">Not all sessions could be reached.</exception>
    async Task Settle(bool limitsToo)
    {
        var all = await Each(_slots.All.Where(holding => holding.Session is not null).ToArray(), async holding =>
        {
            var session = GrainFactory.GetGrain<ISessionGrain>(holding.SessionId);
            if (WhyItMustEnd(holding) is { } reason)
                await session.Drop(null, reason);
            else if (limitsToo && holding.Session!.State == SessionState.Connected)
                await session.LimitsChanged();
        });
        ArmTimer();
        if (!all)
            throw new OrleansException($"Account {AccountId} could not reach all of its sessions yet; it will try again.");
    }

    async Task EndReminder()
    {
        if (await this.GetReminder(UnfinishedChange) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    DropReason? WhyItMustEnd(Holding holding) =>
        AccountRules.WhyItMustEnd(Record, holding.Session!.KeyId, connected: holding.Session.State == SessionState.Connected);

    async Task<Account> View()
    {
        await Owner.Own();
        return AccountRules.View(AccountId, Record, _slots.Held(time.Now()), _options);
    }
}
