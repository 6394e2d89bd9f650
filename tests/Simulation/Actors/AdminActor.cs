using SessionManager.Accounts;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>Changes limits, suspends and forgives, revokes keys, ends sessions, clears away what is old.</summary>
sealed class AdminActor(World world, IReadOnlyList<string> accounts, Rng rng)
{
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
                    await Suspend(account, true);
                    await world.Delay(rng.Seconds(0, 30));
                    await Suspend(account, false);
                    break;
                case 3:
                    await Revoke(account);
                    break;
                case 4:
                    await DropOne(account);
                    break;
                case 5:
                    await Purge();
                    break;
            }
        }
    }

    async Task ChangeLimit(AccountModel account)
    {
        var limit = rng.Between(1, 8) * world.Plan.Crowd;
        account.Limit.Asked(world.Oracle.Stamp(), limit);
        await Change(account, new AccountChange { MaxConcurrent = limit, MaxStreamSeconds = rng.Chance(0.2) ? rng.Between(10, 1000) : null });
        account.Limit.Answered(world.Oracle.Stamp());
    }

    async Task Suspend(AccountModel account, bool suspended)
    {
        account.Suspended.Asked(world.Oracle.Stamp(), suspended);
        var window = await Change(account, new AccountChange { Suspended = suspended, Reason = "payment" });
        account.Suspended.Answered(world.Oracle.Stamp());
        if (suspended)
            world.Oracle.SuspensionAnswered(account, window);
    }

    async Task<Window> Change(AccountModel account, AccountChange change)
    {
        while (true)
        {
            var reply = await world.Call($"change {account.Id} {change}", grains => grains.GetGrain<IAccountGrain>(account.Id).Change(change));
            if (reply.Known)
                return reply.Window;
            await world.Delay(rng.Seconds(0.05, 1));
        }
    }

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

    async Task Purge()
    {
        foreach (var session in world.Oracle.Sessions().Where(session => rng.Chance(0.2)).Take(20).ToList())
        {
            var reply = await world.Call($"purge {session.Id}", grains => grains.GetGrain<ISessionGrain>(session.Id).Purge());
            if (reply is { Known: true, Value: true } && session.Stored is not null && !world.HadZombie)
                world.Violate("acknowledged means durable", $"{session.Id} is purged and still stored");
        }
    }
}
