using System.Collections.Immutable;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>How it comes by its session: through the queue or not, repeated, doubled, under a key, or given up.</summary>
sealed partial class ClientActor
{
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
        if (request.IdempotencyKey is null && Emphasis == Emphasis.Splits && rng.Chance(0.4))
            _ = world.Outside.Start(() => MeanwhileAgain(request));
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

    /// <summary>
    /// The same request while its row takes long to be stored: its account may be another activation's by then, and what the first
    /// one gives back at last must not be the other's.
    /// </summary>
    async Task MeanwhileAgain(MintRequest request)
    {
        world.Database.SlowDown(request.SessionId, world.Plan.Faults);
        for (var times = rng.Between(1, 4); times > 0; times--)
        {
            await world.Delay(rng.Seconds(0, 1.5));
            await MintOnce(request);
        }

        Press();
    }

    /// <summary>Others ask for the account's slots.</summary>
    void Press()
    {
        for (var callers = rng.Between(1, 4); callers > 0; callers--)
            _ = world.Outside.Start(() => MintOnce(new MintRequest { SessionId = SessionIds.Random(rng), WithToken = rng.Chance(0.7) }));
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
}
