using Orleans;
using SessionManager.Api.Tokens;
using SessionManager.Api.Validation;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Randomness;
using SessionManager.Sessions;

namespace SessionManager.Api.Broadcasts;

/// <summary>Starts broadcasts for their nodes, and gives out tokens for them.</summary>
sealed class Broadcaster(IBroadcastStore store, IGrainFactory grains, TokenService tokens, IRandomSource random, TimeProvider time)
{
    /// <summary>A broadcast that is found ended is followed by another; each time its owner has ended one meanwhile.</summary>
    const int MaxAttempts = 5;

    /// <summary>The session's live broadcast: the one it has, or a new one. The session says which, so there is one at most.</summary>
    /// <param name="accountId">Who reports for the node.</param>
    /// <param name="origin">Where viewers reach this server.</param>
    public async Task<Result<BroadcastStarted>> Start(string nodeId, string sessionId, string? hlsUrl, string accountId, string origin)
    {
        if (!Names.IsNode(nodeId) || await grains.GetGrain<INodeGrain>(nodeId).Get() is not { } node)
            return new Refusal(ErrorCatalogue.NodeNotFound);
        if (node.OwnerId != accountId)
            return new Refusal(ErrorCatalogue.NodeOwned);
        if (!SessionIds.IsWellFormed(sessionId))
            return new Refusal(ErrorCatalogue.SessionNotFound);
        string? over = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var session = await grains.GetGrain<ISessionGrain>(sessionId).Broadcast(nodeId, BroadcastIds.Random(random), over);
            if (session.Refusal is { } refusal)
                return refusal;
            var row = await FindOrInsert(session.Value!, hlsUrl);
            if (row.EndedAt is null)
            {
                var (token, expiresIn) = await Token(row, null, null);
                return new BroadcastStarted(row.BroadcastId, WebrtcUrl(origin, row), row.HlsUrl, token, expiresIn);
            }

            over = row.BroadcastId;
        }

        return new Refusal(ErrorCatalogue.Unavailable);
    }

    /// <summary>A token that only ever watches this broadcast.</summary>
    public async Task<SpectatorTokenAnswer> IssueToken(BroadcastRow row, int? ttlSeconds, int? maxViewers, string origin)
    {
        var (token, expiresIn) = await Token(row, ttlSeconds, maxViewers);
        return new(token, expiresIn, WebrtcUrl(origin, row), row.HlsUrl, $"{origin}/watch/{row.BroadcastId}#{token}");
    }

    /// <summary>The session may have been given the id by a request that was then cut off.</summary>
    async Task<BroadcastRow> FindOrInsert(Session session, string? hlsUrl)
    {
        var id = session.BroadcastId!;
        if (await store.Find(id) is { } found)
        {
            // The address may hold the id, which its node has only then heard.
            if (hlsUrl is null || hlsUrl == found.HlsUrl)
                return found;
            await store.SetHlsUrl(id, hlsUrl);
            return found with { HlsUrl = hlsUrl };
        }

        await store.Insert(new BroadcastRow
        {
            BroadcastId = id,
            SessionId = session.SessionId,
            AccountId = session.AccountId,
            NodeId = session.NodeId,
            HlsUrl = hlsUrl,
            CreatedAt = time.GetUtcNow(),
        });
        return await store.Find(id) ?? throw new InvalidOperationException($"Broadcast {id} is not there after it was stored.");
    }

    async Task<(string Token, int ExpiresIn)> Token(BroadcastRow row, int? ttlSeconds, int? maxViewers)
    {
        var ttl = ttlSeconds ?? SpectatorTokenBody.DefaultTtlSeconds;
        var now = time.GetUtcNow();
        return (await tokens.ForSpectator(row.BroadcastId, BroadcastIds.PathOf(row.BroadcastId), now, now.AddSeconds(ttl), maxViewers), ttl);
    }

    static string WebrtcUrl(string origin, BroadcastRow row) => $"{origin}/{BroadcastIds.PathOf(row.BroadcastId)}";
}
