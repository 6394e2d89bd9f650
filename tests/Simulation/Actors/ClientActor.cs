using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>
/// One user of the product and all that may be done with one session: some stay to the end, some never come, some come too late
/// or twice, some are at two places at once, and reports of them arrive late, doubled and out of order.
/// </summary>
sealed partial class ClientActor(World world, string accountId, IReadOnlyList<NodeActor> nodes, AdminActor admin, int number, Rng rng)
{
    int _connections;
    string? _connection;
    Session _session = null!;

    AccountModel Account => world.Oracle.Account(accountId);

    Emphasis Emphasis => world.Plan.Emphasis;

    SessionModel Model => world.Oracle.Session(_session.SessionId);

    public async Task Run()
    {
        if (await Mint() is not { } session)
            return;
        _session = session;
        // In a crowd most make room for the next.
        var patience = rng.Between(0, world.Plan.Crowd > 1 ? 5 : 9);
        for (var step = 0; step < patience && Model.IsLive; step++)
        {
            await world.Delay(Pause());
            await Act();
        }

        if (rng.Chance(world.Plan.Crowd > 1 ? 0.85 : 0.5))
            await End();
    }

    async Task Act()
    {
        switch (rng.Below(20))
        {
            case < 3:
                await Token();
                break;
            case < 10:
                await Connect();
                break;
            case < 12 when _connection is not null:
                await Report(clean: false);
                break;
            case < 14 when _connection is not null:
                await Report(clean: true);
                break;
            case 14:
                Read();
                break;
            case 15:
                await Drop();
                break;
            case 16 when _connections > 0:
                // Something long past arrives only now.
                Later(() => rng.Chance(0.5)
                    ? Home.ReportConnected(_session.SessionId, Connection(rng.Between(1, _connections)))
                    : Home.Disconnect(_session.SessionId, Connection(rng.Between(1, _connections)), rng.Chance(0.5)));
                break;
            case 18:
                await AskForAnothers();
                break;
            case 19 when Model.Stored is { ConnectedAt: null, TokenExpiresAt: { } expiry } && expiry > world.Now:
                await ConnectAtTheLastMoment(expiry);
                break;
            case 17:
                // At another node's door, which is none of this session's, or has become it.
                await rng.Pick(nodes).ReportConnected(_session.SessionId, Connection(++_connections));
                break;
            default:
                await Token();
                await Connect();
                break;
        }
    }

    NodeActor Home => nodes.First(node => node.Id == _session.NodeId);

    string Connection(int of) => $"c{number}.{of}";

    async Task Token()
    {
        Aim();
        var reply = await world.Claim(Model, $"token {_session.SessionId}", grains =>
            grains.GetGrain<ISessionGrain>(_session.SessionId).IssueToken(accountId));
        if (!reply.Known)
            return;
        world.Oracle.TokenAnswered(Model, reply.Value, reply.Window);
        if (reply.Value.Value is { } session)
            _session = session;
    }

    /// <summary>Of another account it is not there.</summary>
    async Task AskForAnothers()
    {
        Model.IsTouched = true;
        var reply = await world.Call($"token {_session.SessionId} of another", grains =>
            grains.GetGrain<ISessionGrain>(_session.SessionId).IssueToken($"not {accountId}"));
        if (reply is { Known: true, Value.Refusal: null or { Code: not ErrorCatalogue.SessionNotFound } })
            world.Violate("isolation", $"{_session.SessionId} of {accountId} is told to another: {reply.Value}");
    }

    async Task Connect()
    {
        Aim();
        var connection = Connection(++_connections);
        if (world.Plan.Has(Fault.Network) && rng.Chance(0.2))
            Later(() => Home.ReportConnected(_session.SessionId, connection));
        if (Emphasis == Emphasis.Cuts && Model.Stored?.KeyId == Account.Key && rng.Chance(0.1))
            _ = world.Outside.Start(() => admin.Strike(Account, revoke: true));
        if (await Home.Connect(_session.SessionId, connection))
            _connection = connection;
        else
            Read();
    }

    /// <summary>
    /// As its token ends, while others ask for its account's slots: a full account looks at rows that change meanwhile, and must not
    /// take a slot for free when the token's end has come.
    /// </summary>
    async Task ConnectAtTheLastMoment(DateTimeOffset expiry)
    {
        await world.Delay(expiry - world.Now - rng.Seconds(0.05, 2));
        Press();
        await Connect();
        await world.Delay(expiry - world.Now + rng.Seconds(0, 2));
        Press();
    }

    async Task Report(bool clean)
    {
        var connection = _connection!;
        _connection = null;
        if (world.Plan.Has(Fault.Network) && rng.Chance(0.2))
            Later(() => Home.Disconnect(_session.SessionId, connection, clean));
        for (var attempt = rng.Between(1, 4); attempt > 0 && !await Home.Disconnect(_session.SessionId, connection, clean); attempt--)
            await world.Delay(rng.Seconds(0, 3));
    }

    /// <summary>Lists and single reads are queries: they tell what is stored.</summary>
    void Read()
    {
        if (Model.Stored is { } row)
            _session = Session.Of(row, world.Now);
    }

    async Task Drop()
    {
        Aim();
        Model.DropAsked = Model.IsTouched = true;
        var reply = await world.Call($"drop {_session.SessionId}", grains =>
            grains.GetGrain<ISessionGrain>(_session.SessionId).Drop(accountId, DropReason.Terminated));
        if (reply.Known)
            world.Oracle.DropAnswered(Model, reply.Value, reply.Window);
    }

    /// <summary>Leaves in good order, or tries to.</summary>
    async Task End()
    {
        if (_connection is not null)
            await Report(clean: true);
        else
            await Drop();
    }

    /// <summary>One of the writes of what is asked for next is cut off.</summary>
    void Aim()
    {
        if (Emphasis == Emphasis.Cuts && rng.Chance(0.15))
            world.Database.Aim(rng.Between(1, 6), world.Plan.Faults, rng);
    }

    void Later(Func<Task> what) => _ = world.Outside.Start(async () =>
    {
        await world.Delay(rng.Chance(0.5) ? TimeSpan.Zero : rng.Seconds(0, 60));
        await what();
    });

    /// <summary>Instants at which something else is due are the interesting ones.</summary>
    TimeSpan Pause()
    {
        var hair = TimeSpan.FromMilliseconds(rng.Between(-12, 12));
        switch (rng.Below(10))
        {
            case 0:
                return TimeSpan.Zero;
            case 1 or 2:
                return TimeSpan.FromMilliseconds(rng.Between(0, 40));
            case 3 or 4:
                return rng.Seconds(0, 5);
            case 5 when _session.TokenExpiresAt is { } expiry && expiry > world.Now:
                return expiry - world.Now + hair;
            case 6:
                return _session.LastActivityAt.AddSeconds(world.Plan.Sessions.IdleSeconds) - world.Now + hair;
            case 7:
                return TimeSpan.FromSeconds(world.Plan.Sessions.TokenSeconds) * rng.Unit();
            default:
                return rng.Around(TimeSpan.FromSeconds(world.Plan.Sessions.TokenSeconds / 4.0));
        }
    }
}
