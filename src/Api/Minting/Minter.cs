using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;
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

    /// <summary>Shorter than a request may take; longer than it takes to give up a silo that died.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(14);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static void Check(string? idempotencyKey, Validator check) => check.That(
        idempotencyKey is null
            || (idempotencyKey.Length is > 0 and <= MaxIdempotencyKey && idempotencyKey.All(character => character is > ' ' and <= '~')),
        IdempotencyHeader,
        $"must be 1 to {MaxIdempotencyKey} visible ASCII characters");

    /// <param name="bodyDigest">With an idempotency key: of the route and body.</param>
    /// <param name="wait">How long to queue where no streamer is free.</param>
    public async Task<Result<Minted>> Mint(
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
        var deadline = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            var minted = await MintSurely(caller.AccountId, request);
            var left = time.GetElapsedTime(time.GetTimestamp(), deadline);
            if (minted.Refusal?.Code != ErrorCatalogue.NoStreamer || left <= TimeSpan.Zero)
                return minted;
            if (await WaitForPlace(caller.AccountId, request, left, cancellation) is not { } nodeId)
                return minted;
            request = request with { ReservedNodeId = nodeId };
        }
    }

    /// <summary>
    /// A mint whose answer is lost is made again: the account knows the session's id, and answers for the session that it has minted.
    /// Who was kept a place by the queue says so when the account has decided, so that the next caller's turn comes.
    /// </summary>
    async Task<Result<Minted>> MintSurely(string accountId, MintRequest request)
    {
        var account = grains.GetGrain<IAccountGrain>(accountId);
        var start = time.GetTimestamp();
        var minted = false;
        try
        {
            while (true)
            {
                try
                {
                    var answer = await account.Mint(request);
                    minted = answer.Ok;
                    return answer;
                }
                catch (Exception exception) when (exception is OrleansException or TimeoutException && time.GetElapsedTime(start) < Patience)
                {
                    await Task.Delay(Pause, time);
                }
            }
        }
        finally
        {
            if (request.ReservedNodeId is not null)
                await Directory.Decided(request.SessionId, refused: !minted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>null where the time is over, the caller gone or the process about to stop.</summary>
    async Task<string?> WaitForPlace(string accountId, MintRequest request, TimeSpan time, CancellationToken cancellation)
    {
        var placement = new Placement(request.RegionLatencies, request.NeedsImageToVideo);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        try
        {
            var nodeId = await Directory.WaitForPlace(request.SessionId, accountId, placement, time, stop.Token);
            if (nodeId is null || !stop.IsCancellationRequested)
                return nodeId;
            // Nobody is left to give a session to.
            await Directory.Decided(request.SessionId, refused: true);
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    INodeDirectoryGrain Directory => grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key);
}
