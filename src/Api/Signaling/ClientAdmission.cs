using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Api.Sessions;
using SessionManager.Api.Tokens;
using SessionManager.Errors;
using SessionManager.Sessions;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>
/// Whether a client may have a socket: asked before the upgrade, so that a refusal is an answer. The session decides; where it has
/// a live connection already, that one is pinged, and if it is dead it is lost and this one takes its place.
/// </summary>
sealed class ClientAdmission(
    IGrainFactory grains, SessionReader sessions, TokenService tokens, Gateway gateway, IOptions<GatewayOptions> options, TimeProvider time)
{
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
        var connected = await session.Connected(null, connectionId);
        if (connected.Refusal?.Code == ErrorCatalogue.AlreadyConnected
            // Too late a token must not end a stream.
            && await tokens.Verify(TokenPurpose.Session, sessionToken) is not null
            && await sessions.Find(sessionId, null, CancellationToken.None) is { } seen
            && await LoseDead(seen, session))
            connected = await session.Connected(null, connectionId);
        return connected.Ok ? connected.Value!.NodeId : connected.Refusal!;
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
        if (!sighting.Complete || seen.NodeSignalingUrl is not null)
            return false;
        await session.ReportMissing(seen.NodeId);
        return true;
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
