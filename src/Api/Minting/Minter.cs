using System.Collections.Immutable;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Auth;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Randomness;
using SessionManager.Sessions;

namespace SessionManager.Api.Minting;

/// <summary>Asks the caller's account for a session, and queues the caller for a free node where it prefers to wait.</summary>
sealed class Minter(IGrainFactory grains, IRandomSource random, IHostApplicationLifetime lifetime, TimeProvider time)
{
    const string IdempotencyHeader = "Idempotency-Key";
    const int MaxIdempotencyKey = 255;

    public static void Check(string? idempotencyKey, Validator check) => check.That(
        idempotencyKey is null
            || (idempotencyKey.Length is > 0 and <= MaxIdempotencyKey && idempotencyKey.All(character => character is > ' ' and <= '~')),
        IdempotencyHeader,
        $"must be 1 to {MaxIdempotencyKey} visible ASCII characters");

    /// <param name="bodyDigest">With an idempotency key: of the route and body.</param>
    /// <param name="wait">How long to queue where no streamer is free.</param>
    public async Task<Result<Session>> Mint(
        Caller caller, MintBody body, bool withToken, string? idempotencyKey, string? bodyDigest, TimeSpan wait, CancellationToken cancellation)
    {
        var request = new MintRequest
        {
            SessionId = SessionIds.Random(random),
            KeyId = caller.KeyId,
            RegionLatencies = body.RegionLatencies?.ToImmutableDictionary() ?? ImmutableDictionary<string, double>.Empty,
            NeedsImageToVideo = body.Capabilities?.ImageToVideo ?? false,
            WithToken = withToken,
            IdempotencyKey = idempotencyKey,
            BodyDigest = bodyDigest,
        };
        var account = grains.GetGrain<IAccountGrain>(caller.AccountId);
        var deadline = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            var minted = await account.Mint(request);
            var left = time.GetElapsedTime(time.GetTimestamp(), deadline);
            if (minted.Refusal?.Code != ErrorCatalogue.NoStreamer || left <= TimeSpan.Zero)
                return minted;
            // The queue keeps a place for the id that the account will mint under.
            if (idempotencyKey is not null)
                request = request with { SessionId = SessionIds.Derived(caller.AccountId, idempotencyKey, Today) };
            if (await WaitForPlace(request, left, cancellation) is not { } nodeId)
                return minted;
            // Nobody is left to give a session to: the place lapses.
            cancellation.ThrowIfCancellationRequested();
            request = request with { ReservedNodeId = nodeId };
        }
    }

    /// <summary>null where the time is over, the caller gone or the process about to stop.</summary>
    async Task<string?> WaitForPlace(MintRequest request, TimeSpan time, CancellationToken cancellation)
    {
        var placement = new Placement(request.RegionLatencies, request.NeedsImageToVideo);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        try
        {
            return await grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key)
                .WaitForPlace(request.SessionId, placement, time, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
