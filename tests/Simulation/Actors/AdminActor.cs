using SessionManager.Accounts;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>Changes limits, suspends and forgives, revokes keys, ends sessions, clears away what is old.</summary>
sealed class AdminActor(World world, IReadOnlyList<string> accounts, Rng rng)
{
    readonly HashSet<string> _busy = [];
    bool _over;

    public void End() => _over = true;

    public async Task Run()
    {
        if (!world.Plan.Has(Fault.Admin))
            return;
        var pace = TimeSpan.FromSeconds(world.Plan.IsDense ? 15 : 240);
        while (true)
        {
            await world.Delay(rng.Around(pace));
            if (_over)
                return;
            var account = world.Oracle.Account(rng.Pick(accounts));
            switch (rng.Below(6))
            {
                case 0 or 1:
                    await ChangeLimit(account);
                    break;
                case 2:
                    await SuspendFor(account, rng.Seconds(0, 30));
                    break;
                case 3:
                    await Revoke(account);
                    break;
                case 4:
                    await DropOne(account);
                    break;
                case 5:
                    await Look(account);
                    break;
            }
        }
    }

    async Task ChangeLimit(AccountModel account)
    {
        var limit = rng.Between(1, 8) * world.Plan.Crowd;
        account.Limit.Asked(world.Oracle.Stamp(), limit);
        // A negative number takes the limit away.
        int? stream = rng.Chance(0.2) ? rng.Between(10, 1000) : rng.Chance(0.1) ? -1 : null;
        StreamLimit? streamLimit = null;
        if (stream is { } seconds)
            account.MaxStreamSeconds.Asked(world.Oracle.Stamp(), seconds < 0 ? null : seconds);
        if (stream >= 0)
            account.StreamLimits.Add(streamLimit = new StreamLimit(stream.Value) { AskedAt = world.Now, AnsweredAt = DateTimeOffset.MaxValue });
        var change = new AccountChange { MaxConcurrent = limit, MaxStreamSeconds = stream };
        while (!(await Change(account, change)).Known)
            await world.Delay(rng.Seconds(0.05, 1));
        account.Limit.Answered(world.Oracle.Stamp());
        if (stream is null)
            return;
        account.MaxStreamSeconds.Answered(world.Oracle.Stamp());
        foreach (var other in account.StreamLimits.Where(other => other != streamLimit && other.ReplacedAt == DateTimeOffset.MaxValue))
            other.ReplacedAt = world.Now;
        if (streamLimit is not null)
            streamLimit.AnsweredAt = world.Now;
    }

    /// <summary>In the middle of what the account's users do.</summary>
    public async Task Strike(AccountModel account, bool revoke)
    {
        if (_over || !world.Plan.Has(Fault.Admin))
            return;
        await world.Delay(rng.Below(10) switch
        {
            < 6 => rng.Seconds(0, 0.06),
            < 8 => rng.Seconds(0, 8),
            // When what was begun before it counts as given up.
            _ => rng.Seconds(9.9, 10.5),
        });
        if (revoke)
            await Revoke(account);
        else
            await SuspendFor(account, rng.Seconds(0, 3));
    }

    async Task SuspendFor(AccountModel account, TimeSpan time)
    {
        // Two at once would not know whose word holds.
        if (!_busy.Add(account.Id))
            return;
        if (await Suspend(account, true))
            await world.Delay(time);
        await Suspend(account, false);
        _busy.Remove(account.Id);
    }

    /// <summary>False where it got no answer and went away.</summary>
    async Task<bool> Suspend(AccountModel account, bool suspended)
    {
        account.Suspended.Asked(world.Oracle.Stamp(), suspended);
        while (true)
        {
            var reply = await Change(account, new AccountChange { Suspended = suspended, Reason = "payment" });
            if (!reply.Known && suspended && world.Plan.Emphasis == Emphasis.Cuts && rng.Chance(0.5))
            {
                await LookLater(account);
                return false;
            }

            if (!reply.Known)
            {
                await world.Delay(rng.Seconds(0.05, 1));
                continue;
            }

            account.Suspended.Answered(world.Oracle.Stamp());
            if (suspended)
                world.Oracle.SuspensionAnswered(account, reply.Window);
            return true;
        }
    }

    /// <summary>A suspension that nobody repeats: as soon as it is seen to hold, it holds for every session.</summary>
    async Task LookLater(AccountModel account)
    {
        for (var look = 0; look < 5; look++)
        {
            await world.Delay(TimeSpan.FromSeconds(2 * world.Plan.Sessions.SweepSeconds));
            var reply = await world.Call($"look at {account.Id}", grains => grains.GetGrain<IAccountGrain>(account.Id).Get());
            if (reply is not { Known: true, Value.Suspended: true } || !world.Oracle.IsCalm(reply.Window))
                continue;
            world.Oracle.SuspensionAnswered(account, reply.Window);
            return;
        }
    }

    Task<Reply<Account?>> Change(AccountModel account, AccountChange change) =>
        world.Call($"change {account.Id} {change}", grains => grains.GetGrain<IAccountGrain>(account.Id).Change(change));

    async Task Revoke(AccountModel account)
    {
        var key = account.Key;
        account.Revoked[key] = (world.Oracle.Stamp(), long.MaxValue);
        account.Key = $"key_{account.Revoked.Count}";
        var connectedToo = rng.Chance(0.5);
        while (true)
        {
            var reply = await world.Call($"revoke {key} of {account.Id}", async grains =>
            {
                await grains.GetGrain<IAccountGrain>(account.Id).KeyRevoked(key, connectedToo);
                return true;
            });
            if (reply.Known)
            {
                account.Revoked[key] = account.Revoked[key] with { Answered = world.Oracle.Stamp() };
                world.Oracle.RevocationAnswered(account, key, connectedToo, reply.Window);
                return;
            }

            await world.Delay(rng.Seconds(0.05, 1));
        }
    }

    async Task DropOne(AccountModel account)
    {
        if (account.Live.Count == 0)
            return;
        var session = account.Live.Values.ElementAt(rng.Below(account.Live.Count));
        session.DropAsked = true;
        var reply = await world.Call($"terminate {session.Id}", grains =>
            grains.GetGrain<ISessionGrain>(session.Id).Drop(null, DropReason.Terminated));
        if (reply.Known)
            world.Oracle.DropAnswered(session, reply.Value, reply.Window);
    }

    async Task Look(AccountModel account)
    {
        var reply = await world.Call($"usage of {account.Id}", grains => grains.GetGrain<IAccountGrain>(account.Id).Usage());
        if (reply is { Known: true, Value: { } usage })
            world.Oracle.UsageAnswered(account, usage, reply.Window);
    }
}
