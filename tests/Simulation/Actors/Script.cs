using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>From an empty storage through the busy time to the moment when nothing may be left.</summary>
sealed class Script(World world)
{
    readonly List<NodeActor> _nodes = [];
    readonly List<string> _accounts = [];

    Plan Plan => world.Plan;

    public async Task Play()
    {
        for (var i = 0; i < Plan.AccountCount; i++)
            _accounts.Add($"usr_{i}");
        foreach (var account in _accounts)
            await Open(account);
        var rng = Rng.Of(world.Scenario.Seed, 10);
        for (var i = 0; i < Plan.NodeCount; i++)
            _nodes.Add(new NodeActor(world, $"node_{i}", Rng.Of(rng.Next(), 0)));
        var heartbeats = _nodes.Select(node => world.Outside.Start(node.Run)).ToList();
        await Task.WhenAll(_nodes.Select(node => node.Registered));

        var admin = new AdminActor(world, _accounts, Rng.Of(world.Scenario.Seed, 11));
        var clients = Clients(admin).ToList();
        var administration = world.Outside.Start(admin.Run);
        var chaos = new Chaos(world, Rng.Of(world.Scenario.Seed ^ ((ulong)world.Scenario.Salt << 40), 12));
        var trouble = world.Outside.Start(chaos.Run);
        var audit = world.Outside.Start(Audit);
        await world.Delay(Plan.Span);

        world.Log("the trouble is over");
        chaos.End();
        admin.End();
        foreach (var node in _nodes)
            node.BehaveFromNowOn();
        await trouble;
        await administration;
        await Task.WhenAll(clients);

        // Whoever is left has to be ended by the product, with its nodes alive first, then without them.
        world.Log("the clients are gone");
        // After a crash at this moment nothing but reminders wakes what they left.
        if (Plan.Has(Fault.Crash) && Rng.Of(world.Scenario.Seed, 14).Chance(0.5))
            world.Crash("when all are gone");
        await world.Delay(TimeSpan.FromSeconds(3 * Plan.Sessions.SweepSeconds + Plan.Nodes.LeaseSeconds));
        foreach (var node in _nodes)
            node.Stop();
        await Task.WhenAll(heartbeats);
        world.Log("the nodes are gone");
        await world.Delay(TimeSpan.FromSeconds(
            Plan.Sessions.IdleSeconds + Plan.Sessions.TokenSeconds + 5 * Plan.Sessions.SweepSeconds + 4 * Plan.Nodes.LeaseSeconds + 60));
        _over = true;
        await audit;
        world.Oracle.BeginRest();
        // Activations go when nobody has used them for the usual 15 minutes.
        await world.Delay(TimeSpan.FromMinutes(17));
        world.Oracle.CheckAtRest();
        if (Plan.HasNight)
            await NextDay();
    }

    bool _over;

    /// <summary>What may be forgotten is, and a key that was used may be used anew.</summary>
    async Task NextDay()
    {
        var used = _accounts.Select(world.Oracle.Account).SelectMany(account => account.Idempotent.Take(3).Select(key => (Account: account, Key: key.Key))).ToList();
        await world.Delay(TimeSpan.FromHours(25));
        var snapshot = await world.Call("snapshot", grains => grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Snapshot());
        if (snapshot.Known)
            world.Oracle.CheckNextDay(snapshot.Value.Nodes);
        foreach (var (account, key) in used)
        {
            // No node is left: what matters is that nobody remembers the key.
            var request = new MintRequest { SessionId = SessionIds.Random(Rng.Of(world.Scenario.Seed, 15)), IdempotencyKey = key, BodyDigest = "another day" };
            var reply = await world.Call($"mint {account.Id} {request.SessionId} {key}", grains => grains.GetGrain<IAccountGrain>(account.Id).Mint(request));
            if (reply is { Known: true, Value.Refusal: null or { Code: ErrorCatalogue.IdempotencyMismatch or ErrorCatalogue.SessionDropped } })
                world.Violate("repeated command", $"{key} of {account.Id} is remembered for more than a day: {reply.Value}");
        }
    }

    async Task Open(string account)
    {
        world.Oracle.AddAccount(account);
        while (!(await world.Call($"open {account}", grains =>
            grains.GetGrain<IAccountGrain>(account).Open(new AccountSettings { KeysEnabled = true }))).Known)
        {
            await world.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    IEnumerable<Task> Clients(AdminActor admin)
    {
        var rng = Rng.Of(world.Scenario.Seed, 13);
        for (var i = 0; i < Plan.Clients; i++)
        {
            // Drawn even for those left out, so that the others stay as they were. Some come in crowds.
            var at = rng.Chance(Plan.Emphasis == Emphasis.Groups ? 0.8 : 0.2) ? Plan.Span * (rng.Below(5) / 5.0) : Plan.Span * rng.Unit();
            var client = new ClientActor(world, _accounts[rng.Below(_accounts.Count)], _nodes, admin, i, new Rng(rng.Next()));
            if (world.Scenario.SkippedClients.Contains(i))
                continue;
            yield return world.Outside.Start(async () =>
            {
                await world.Delay(at);
                await client.Run();
            });
        }
    }

    async Task Audit()
    {
        while (!_over)
        {
            await world.Delay(TimeSpan.FromSeconds(Plan.Sessions.SweepSeconds / 2.0));
            world.Oracle.CheckDeadlines();
        }
    }
}
