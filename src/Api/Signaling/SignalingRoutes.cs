using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Broadcasts;
using SessionManager.Api.Errors;
using SessionManager.Api.Hosting;
using SessionManager.Api.Nodes;
using SessionManager.Api.Signaling.Ice;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Api.Tokens;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Api.Signaling;

static class SignalingRoutes
{
    public static IServiceCollection AddSignaling(this IServiceCollection services) => services
        .AddSingleton<Gateway>()
        .AddHostedService(provider => provider.GetRequiredService<Gateway>())
        .AddSingleton<ClientAdmission>()
        .AddSingleton<IceServers>()
        .AddSingleton<StunResponder>()
        .AddHostedService(provider => provider.GetRequiredService<StunResponder>());

    public static void MapSignaling(this IEndpointRouteBuilder routes)
    {
        var signaling = routes.MapGroup("").Access(Access.Anonymous).OpenToBrowsers().WithTags("Signaling");
        signaling.MapGet("/config", Config);
        signaling.MapGet("/signaling/config", SignalingConfig);
        signaling.MapGet("/signaling/client/{session_id}", Client).DisableRequestTimeout().Refuses(
            ErrorCatalogue.UpgradeRequired, ErrorCatalogue.Forbidden, ErrorCatalogue.InvalidToken, ErrorCatalogue.SessionNotFound,
            ErrorCatalogue.AlreadyConnected, ErrorCatalogue.SessionExpired, ErrorCatalogue.SessionDropped);
        routes.MapReports().MapGet("/{node_id}/channel", Channel).DisableRequestTimeout()
            .Refuses(ErrorCatalogue.UpgradeRequired, ErrorCatalogue.NodeNotFound);
    }

    /// <summary>The ICE servers that viewers of a broadcast use.</summary>
    internal static Task<Ok<IceAnswer>> Config(IceServers servers, TokenService tokens, HttpContext context) =>
        SignalingConfig(servers, tokens, context);

    /// <summary>The ICE servers that clients and nodes use.</summary>
    /// <remarks>
    /// There is always one at least. Credentials for a relay live for a limited time; where a session's token is sent as Bearer, they are
    /// in the session's name.
    /// </remarks>
    internal static async Task<Ok<IceAnswer>> SignalingConfig(IceServers servers, TokenService tokens, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var token = CredentialHandler.Credential(context.Request.Headers[HeaderNames.Authorization]);
        var session = token is null ? null : await tokens.Verify(TokenPurpose.Session, token);
        return TypedResults.Ok(servers.For(context.Request, session?.SessionId));
    }

    /// <summary>A WebSocket: connects the client to its session.</summary>
    /// <remarks>Messages go to the session's node and come from it. The socket stays open for as long as the stream lasts.</remarks>
    /// <param name="token">The session's token.</param>
    internal static async Task<Results<EmptyHttpResult, Problem>> Client(
        string session_id, string? token, HttpContext context, ClientAdmission admission, Gateway gateway, IOptions<GatewayOptions> options)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return NoSocket(context);
        if (!Origins.Allows(options.Value.AllowedOrigins, context.Request.Headers.Origin))
            return Problem.Of(ErrorCatalogue.Forbidden, "Pages of this origin may not connect.");
        if (!SessionIds.IsWellFormed(session_id))
            return Problem.Of(ErrorCatalogue.SessionNotFound);
        var connectionId = gateway.NewId("con_");
        var admitted = await admission.Connect(session_id, token, connectionId);
        if (admitted.Refusal is { } refusal)
            return (Problem)refusal;
        try
        {
            await gateway.Hold(context, admitted.Value!, session_id, connectionId);
        }
        catch
        {
            gateway.Report(admitted.Value!, session_id, connectionId, clean: false);
            throw;
        }

        return TypedResults.Empty;
    }

    /// <summary>A WebSocket: the node's channel.</summary>
    /// <remarks>Clients' messages come by it and the node's answers go by it, and the node may report on it what it else would by requests.</remarks>
    internal static async Task<Results<EmptyHttpResult, Problem>> Channel(
        string node_id, HttpContext context, Caller caller, Gateway gateway, IGrainFactory grains, CredentialResolver credentials, TokenService tokens,
        Broadcaster broadcaster, PublicAddress address, ILogger<NodeRequests> logger)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return NoSocket(context);
        if (context.Request.Headers.Origin.Count > 0)
            return Problem.Of(ErrorCatalogue.Forbidden, "A node's channel is not for web pages.");
        if (!Names.IsNode(node_id) || await grains.GetGrain<INodeGrain>(node_id).Get() is not { } node)
            return Problem.Of(ErrorCatalogue.NodeNotFound);
        if (node.OwnerId != caller.AccountId)
            return Problem.Of(ErrorCatalogue.NodeOwned);
        var credential = CredentialHandler.Credential(context.Request.Headers[HeaderNames.Authorization])!;
        await gateway.Hold(context, node_id, new NodeRequests(
            node_id, credential, context.Connection.RemoteIpAddress, context.TraceIdentifier, credentials, grains, tokens,
            broadcaster, address.Origin(context.Request), logger));
        return TypedResults.Empty;
    }

    /// <summary>RFC 9110, section 15.5.22.</summary>
    static Problem NoSocket(HttpContext context)
    {
        context.Response.Headers.Upgrade = "websocket";
        return Problem.Of(ErrorCatalogue.UpgradeRequired);
    }
}
