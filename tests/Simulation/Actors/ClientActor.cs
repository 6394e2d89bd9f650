using System.Collections.Immutable;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>
/// One user of the product and all that may be done with one session: some stay to the end, some never come, some come too late
/// or twice, some are at two places at once, and reports of them arrive late, doubled and out of order.
/// </summary>
sealed class ClientActor(World world, string accountId, IReadOnlyList<NodeActor> nodes, AdminActor admin, int number, Rng rng)
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

    // The mint

    async Task<Session?> Mint()
    {
        var request = new MintRequest
        {
            SessionId = SessionIds.Random(rng),
            KeyId = rng.Chance(0.5) ? Account.Key : null,
            WithToken = rng.Chance(0.7),
            NeedsImageToVideo = rng.Chance(0.2),
            IdempotencyKey = rng.Chance(world.Plan.KeyedMints) ? $"mint-{number}" : null,
            BodyDigest = null,
            RegionLatencies = rng.Chance(0.5)
                ? ImmutableDictionary<string, double>.Empty.Add(rng.Pick(nodes).Id, 10)
                : ImmutableDictionary<string, double>.Empty,
        };
        if (request.IdempotencyKey is not null)
            request = request with { BodyDigest = "digest" };
        if (rng.Chance(Emphasis == Emphasis.Groups ? 0.4 : 0.1))
            request = await Queue(request);
        if (Emphasis is Emphasis.Splits or Emphasis.Cuts && rng.Chance(0.1))
        {
            _ = world.Outside.Start(() => admin.Strike(Account, revoke: false));
            if (Emphasis == Emphasis.Splits && request.IdempotencyKey is null)
                world.Store.SlowDown(request.SessionId, world.Plan.Faults);
        }

        if (request.IdempotencyKey is not null && rng.Chance(Emphasis == Emphasis.Splits ? 0.8 : 0.3))
            _ = world.Outside.Start(async () =>
            {
                await world.Delay(rng.Chance(0.5) ? TimeSpan.Zero : rng.Seconds(0, 20));
                await MintOnce(request);
            });
        for (var attempt = rng.Between(1, Emphasis == Emphasis.Cuts ? 10 : 5); attempt > 0; attempt--)
        {
            var reply = await MintOnce(request);
            if (reply is { Known: true, Value.Value: { } session })
                return session;
            // Without an Idempotency-Key a repeat would be another session: who got no answer starts anew.
            if (request.IdempotencyKey is null)
                request = request with { SessionId = SessionIds.Random(rng), ReservedNodeId = null, KeyId = request.KeyId is null ? null : Account.Key };
            await world.Delay(rng.Chance(0.5) ? rng.Seconds(0, 2) : rng.Seconds(0, 40));
        }

        return null;
    }

    async Task<Reply<Result<Session>>> MintOnce(MintRequest request)
    {
        Aim();
        var asked = world.Oracle.Stamp();
        Account.Mints.Add((asked, long.MaxValue));
        if (request.IdempotencyKey is { } key)
            Account.FirstAsked.TryAdd(key, asked);
        var reply = await world.Call($"mint {accountId} {request.SessionId} {request.IdempotencyKey}", grains =>
            grains.GetGrain<IAccountGrain>(accountId).Mint(request));
        if (reply.Known)
        {
            if (reply.Value.Refusal is { Code: ErrorCatalogue.NoStreamer })
                world.Oracle.NoStreamer(reply.Window, request.NeedsImageToVideo);
            world.Oracle.MintAnswered(Account, request, reply.Value, reply.Window);
        }

        if (reply.Known)
        {
            world.Oracle.Ended(Account.Mints, asked);
            return reply;
        }

        // Whoever was not answered does not know whether it still goes on.
        world.Forgotten(() => world.Oracle.Ended(Account.Mints, asked));
        return reply;
    }

    /// <summary>Waits for a place first, as <c>Prefer: wait</c> does.</summary>
    async Task<MintRequest> Queue(MintRequest request)
    {
        var id = request.IdempotencyKey is { } key ? SessionIds.Derived(accountId, key, DateOnly.FromDateTime(world.Now.UtcDateTime)) : request.SessionId;
        using var cancellation = new CancellationTokenSource();
        var asked = world.Oracle.Stamp();
        Account.Waits.Add((asked, long.MaxValue));
        var wait = world.Call($"wait {id}", grains => grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).WaitForPlace(
            id, new Placement(request.RegionLatencies, request.NeedsImageToVideo), rng.Seconds(0.1, 30), cancellation.Token), patient: true);
        if (rng.Chance(0.2))
        {
            await world.Delay(rng.Seconds(0, 5));
            // Not CancelAsync: that is another thread's.
            Cancel(cancellation);
        }

        var reply = await wait;
        if (reply.Known)
            world.Oracle.Ended(Account.Waits, asked);
        else
            world.Forgotten(() => world.Oracle.Ended(Account.Waits, asked));
        if (rng.Chance(0.3))
            await world.Delay(rng.Seconds(0, 11));
        return reply is { Known: true, Value: { } node } ? request with { ReservedNodeId = node } : request;
    }

    static void Cancel(CancellationTokenSource cancellation) => cancellation.Cancel();

    // Its life

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
                await Read();
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

    async Task Connect()
    {
        Aim();
        var connection = Connection(++_connections);
        if (world.Plan.Has(Fault.Network) && rng.Chance(0.2))
            Later(() => Home.ReportConnected(_session.SessionId, connection));
        if (Emphasis == Emphasis.Cuts && Model.KeyId == Account.Key && rng.Chance(0.1))
            _ = world.Outside.Start(() => admin.Strike(Account, revoke: true));
        if (await Home.Connect(_session.SessionId, connection))
            _connection = connection;
        else
            await Read();
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

    async Task Read()
    {
        var reply = await world.Call($"read {_session.SessionId}", grains =>
            grains.GetGrain<ISessionGrain>(_session.SessionId).Get(accountId));
        if (!reply.Known)
            return;
        world.Oracle.ReadAnswered(Model, reply.Value, reply.Window);
        if (reply.Value?.Session is { } session)
            _session = session;
    }

    async Task Drop()
    {
        Aim();
        Model.DropAsked = true;
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
            world.Store.Aim(rng.Between(1, 6), world.Plan.Faults, rng);
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
