using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Broadcasts;
using SessionManager.Api.Errors;
using SessionManager.Api.Nodes;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Api.Tokens;
using SessionManager.Api.Validation;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Api.Signaling;

/// <summary>
/// What a node reports on its channel, done and answered as over HTTP. The credential that opened the channel is asked after at
/// every request, and while there is none, at every renewal: a revoked key reports nothing.
/// </summary>
/// <param name="origin">Where the node, and so a viewer, reaches this server.</param>
sealed class NodeRequests(
    string nodeId, string credential, IPAddress? address, string requestId,
    CredentialResolver credentials, IGrainFactory grains, TokenService tokens, Broadcaster broadcaster, string origin, ILogger logger)
{
    /// <summary>Closes the channel where its node may not have it any more.</summary>
    public async Task<bool> MayGoOn(Peer peer)
    {
        var found = await Caller();
        var node = found.Ok ? await grains.GetGrain<INodeGrain>(nodeId).Get() : null;
        if (!found.Ok)
            peer.Close(CloseCode.Unauthorized);
        else if (node?.OwnerId != found.Value!.AccountId)
            peer.Close(CloseCode.NoNode);
        return !peer.IsClosing;
    }

    /// <param name="isAnnounced">The connection it is about is one that the gateway has told the node of.</param>
    /// <returns>null: no answer was asked for.</returns>
    public async Task<Outgoing?> Answer(NodeRequest request, bool isAnnounced)
    {
        IResult result;
        try
        {
            var caller = await Caller();
            result = caller.Ok ? await Do(request, caller.Value!, isAnnounced) : (Problem)caller.Refusal!;
        }
        catch (Exception exception)
        {
            result = ErrorMiddleware.ProblemOf(exception, logger, request.Type!, nodeId);
        }

        if (request.Id is not { ValueKind: JsonValueKind.String or JsonValueKind.Number } id)
            return null;
        return result switch
        {
            Ok<HeartbeatReply> ok => Done(id, ok.Value!, SignalingJson.Default.HeartbeatReply),
            Created<BroadcastStarted> created => NodeMessages.Result(
                id, StatusCodes.Status201Created, JsonSerializer.SerializeToElement(created.Value!, SignalingJson.Default.BroadcastStarted)),
            Ok<Session> ok => Done(id, ok.Value!, SignalingJson.Default.Session),
            Problem problem => NodeMessages.Result(
                id, problem.Status, JsonSerializer.SerializeToElement(problem.Body(requestId), SignalingJson.Default.ProblemBody)),
            _ => throw new InvalidOperationException($"A node's request was answered with {result.GetType()}."),
        };
    }

    async Task<Result<Caller>> Caller()
    {
        var found = await credentials.Resolve(credential, NodeRoutes.Reports.Metered, address);
        return found.Ok && NodeRoutes.Reports.Judge(found.Value!) is { } refusal ? refusal : found;
    }

    async Task<IResult> Do(NodeRequest request, Caller caller, bool isAnnounced)
    {
        var session = request.SessionId ?? "";
        return request.Type switch
        {
            NodeRequest.Heartbeat => await Heartbeat(request, caller),
            NodeRequest.Broadcast => await Broadcast(session, new BroadcastBody(request.HlsUrl), caller),
            NodeRequest.Connected when isAnnounced && request.SessionToken is null =>
                (await grains.GetGrain<INodeGrain>(nodeId).Connected(caller.AccountId, session, request.ConnectionId!)).ToAnswer().Result,
            NodeRequest.Connected =>
                (await NodeRoutes.Connected(nodeId, session, new ConnectedBody(request.SessionToken, request.ConnectionId), caller, grains, tokens)).Result,
            _ => (await NodeRoutes.Disconnected(nodeId, session, new DisconnectedBody(request.ConnectionId, request.Reason), caller, grains)).Result,
        };
    }

    async Task<IResult> Heartbeat(NodeRequest request, Caller caller)
    {
        var answer = (await NodeRoutes.Heartbeat(nodeId, new HeartbeatBody(request.Sessions, request.Load), caller, grains)).Result;
        if (answer is Ok<HeartbeatReply> && request.Viewers is { } viewers)
            await Task.WhenAll(viewers.Where(pair => BroadcastIds.IsWellFormed(pair.Key)).Select(pair =>
                grains.GetGrain<IBroadcastGrain>(pair.Key).Report(nodeId, [.. pair.Value.Where(BroadcastIds.IsViewer)])));
        return answer;
    }

    async Task<IResult> Broadcast(string sessionId, BroadcastBody body, Caller caller)
    {
        var check = new Validator();
        return body.Check(check)
            ? BroadcastRoutes.ToAnswer(await broadcaster.Start(nodeId, sessionId, body.HlsUrl, caller.AccountId, origin)).Result
            : check.Problem!;
    }

    static Outgoing Done<T>(JsonElement id, T body, JsonTypeInfo<T> type) =>
        NodeMessages.Result(id, StatusCodes.Status200OK, JsonSerializer.SerializeToElement(body, type));
}
