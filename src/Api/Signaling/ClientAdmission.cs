using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Api.Tokens;
using SessionManager.Errors;
using SessionManager.Sessions;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>
/// Whether a client may have a socket: asked before the upgrade, so that a refusal is an answer. The session decides; where it has
/// a live connection already, that one is pinged, and if it is dead it is lost and this one takes its place.
/// </summary>
sealed class ClientAdmission(IGrainFactory grains, TokenService tokens, Gateway gateway, IOptions<GatewayOptions> options, TimeProvider time)
{
    /// <summary>A session that has not connected yet may move to another node while it is asked for.</summary>
    const int Tries = 4;

    /// <summary>On the way to the front end with the first connection and back, besides the time that one has to answer.</summary>
    static readonly TimeSpan Way = TimeSpan.FromMilliseconds(500);

    /// <returns>The node to attach to; the session is then connected.</returns>
    public async Task<Result<string>> Connect(string sessionId, string? sessionToken, string connectionId)
    {
        if (string.IsNullOrEmpty(sessionToken) || await tokens.Verify(TokenPurpose.Session, sessionToken, expiredToo: true) is not { } token)
            return new Refusal(ErrorCatalogue.InvalidToken);
        if (token.SessionId != sessionId)
            return new Refusal(ErrorCatalogue.InvalidToken, "The session token is not this session's.");
        var session = grains.GetGrain<ISessionGrain>(sessionId);
        var replaced = false;
        for (var tries = 1;; tries++)
        {
            if ((await session.Get(null))?.Session is not { } seen)
                return new Refusal(ErrorCatalogue.SessionNotFound);
            var connected = await session.Connected(seen.NodeId, connectionId);
            if (connected.Ok)
                return seen.NodeId;
            var moved = connected.Refusal!.Code == ErrorCatalogue.SessionNotFound && tries < Tries;
            var taken = connected.Refusal.Code == ErrorCatalogue.AlreadyConnected && !replaced
                // Too late a token must not end a stream.
                && await tokens.Verify(TokenPurpose.Session, sessionToken) is not null;
            if (!moved && !(taken && (replaced = await LoseDead(seen, session))))
                return connected.Refusal;
        }
    }

    /// <summary>Ends the session's connection if nobody answers for it.</summary>
    async Task<bool> LoseDead(Session seen, ISessionGrain session)
    {
        var sighting = await gateway.Channel(seen.NodeId).FindClient(seen.SessionId);
        if (sighting.Client is null)
        {
            // It may have connected this very moment, and be on its way to the grain.
            await Task.Delay(TimeSpan.FromSeconds(options.Value.ProbeSeconds), time);
            sighting = await gateway.Channel(seen.NodeId).FindClient(seen.SessionId);
        }

        if (sighting.Client is { } first)
        {
            if (await IsAlive(first))
                return false;
            await session.Disconnected(seen.NodeId, first.ConnectionId, clean: false);
            await gateway.Channel(seen.NodeId).DetachClient(first.SessionId, first.ConnectionId, clean: false);
            _ = gateway.Tell(gateway.At(first).EndClient(first.ConnectionId, null));
            return true;
        }

        // A front end died and took it with it. Not where the node has a signaling server of its own: it has the connection.
        return sighting.Complete && seen.NodeSignalingUrl is null && await session.Vanished(seen.NodeId);
    }

    async Task<bool> IsAlive(ClientLink first)
    {
        try
        {
            return await gateway.At(first).IsClientAlive(first.ConnectionId).WaitAsync(TimeSpan.FromSeconds(options.Value.ProbeSeconds) + Way, time);
        }
        catch (Exception)
        {
            // Nobody there to ask.
            return false;
        }
    }
}
