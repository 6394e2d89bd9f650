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
                world.Database.SlowDown(request.SessionId, world.Plan.Faults);
        }

        if (request.IdempotencyKey is not null && rng.Chance(Emphasis == Emphasis.Splits ? 0.8 : 0.3))
            _ = world.Outside.Start(() => Again(request));
        for (var attempt = rng.Between(1, Emphasis == Emphasis.Cuts ? 10 : 5); attempt > 0; attempt--)
        {
            var reply = await MintOnce(request);
            if (request.ReservedNodeId is not null && reply.Known)
                _ = world.Outside.Start(() => Decided(request.SessionId, refused: reply.Value.Refusal is not null));
            if (reply is { Known: true, Value.Value: { } minted })
                return minted.Session;
            // Who got no answer asks again for the same session, or, as another request of the same caller, for one under the same key.
            if (reply.Known || rng.Chance(0.3))
                request = request with { SessionId = SessionIds.Random(rng), ReservedNodeId = null, KeyId = request.KeyId is null ? null : Account.Key };
            await world.Delay(rng.Chance(0.5) ? rng.Seconds(0, 2) : rng.Seconds(0, 40));
        }

        return null;
    }

    /// <summary>The same request once more from elsewhere, some time or at once; or another one under the same key.</summary>
    async Task Again(MintRequest request)
    {
        await world.Delay(rng.Chance(0.5) ? TimeSpan.Zero : rng.Seconds(0, 20));
        if (rng.Chance(0.5))
            request = request with { SessionId = SessionIds.Random(rng), ReservedNodeId = null };
        if (rng.Chance(0.1))
            request = request with { SessionId = SessionIds.Random(rng), ReservedNodeId = null, BodyDigest = "another" };
        await MintOnce(request);
    }

    async Task<Reply<Result<Minted>>> MintOnce(MintRequest request)
    {
        Aim();
        var asked = world.Oracle.Stamp();
        Account.Mints.Add((asked, long.MaxValue));
        world.Oracle.Session(request.SessionId).AskedFor(asked);
        var reply = await world.Call($"mint {accountId} {request.SessionId} {request.IdempotencyKey}", grains =>
            grains.GetGrain<IAccountGrain>(accountId).Mint(request));
        if (!reply.Known)
        {
            // Whoever was not answered does not know whether it still goes on.
            world.Forgotten(() => world.Oracle.Ended(Account.Mints, asked));
            return reply;
        }

        if (reply.Value.Refusal is { Code: ErrorCatalogue.NoStreamer })
            world.Oracle.NoStreamer(reply.Window, request.NeedsImageToVideo);
        world.Oracle.MintAnswered(Account, request, reply.Value, reply.Window);
        world.Oracle.Ended(Account.Mints, asked);
        return reply;
    }

    /// <summary>Waits for a place first, as <c>Prefer: wait</c> does.</summary>
    async Task<MintRequest> Queue(MintRequest request)
    {
        using var cancellation = new CancellationTokenSource();
        var asked = world.Oracle.Stamp();
        Account.Waits.Add((asked, long.MaxValue));
        world.Oracle.Session(request.SessionId).AskedFor(asked);
        var wait = world.Call($"wait {request.SessionId}", grains => grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).WaitForPlace(
            request.SessionId, accountId, new Placement(request.RegionLatencies, request.NeedsImageToVideo), rng.Seconds(0.1, 30), cancellation.Token), patient: true);
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

    /// <summary>The queue goes on with the next caller.</summary>
    Task<Reply<bool>> Decided(string sessionId, bool refused) => world.Call($"decided {sessionId}", async grains =>
    {
        await grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Decided(sessionId, refused);
        return true;
    });

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
