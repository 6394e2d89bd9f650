using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Api.Admin;
using SessionManager.Api.Audit;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Hosting;
using SessionManager.Api.Tokens;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Lists;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Api.Nodes;

static class NodeRoutes
{
    const int MaxConnectionId = 128;
    const string Live = "live";
    const string Draining = "draining";
    const string Lost = "lost";

    /// <summary>A heartbeat names every session of the node, at most its capacity.</summary>
    const long MaxHeartbeatBytes = 40L * NodeBody.MaxCapacity;

    /// <summary>
    /// Only an administrator's key may hold the scope; that its owner still is one, and that a login is one, is asked at every
    /// report: a node is handed other people's sessions. Reports are not metered.
    /// </summary>
    internal static readonly Access Reports = Access.Bearer(Scopes.NodesReport) with { AdminOnly = true, Metered = false };

    public static void MapNodes(this IEndpointRouteBuilder routes)
    {
        var nodes = routes.MapGroup("/api").Access(Access.Bearer(Scopes.NodesRead)).WithTags("Nodes");
        nodes.MapGet("/nodes", List).Refuses(ErrorCatalogue.InvalidValue);
        nodes.MapGet("/nodes/{node_id}", Get).Refuses(ErrorCatalogue.NodeNotFound);

        var reports = routes.MapReports();
        reports.MapPut("/{node_id}", Register);

        var known = reports.MapGroup("").Refuses(ErrorCatalogue.NodeNotFound);
        known.MapDelete("/{node_id}", Delete);
        known.MapPost("/{node_id}/drain", Drain);
        known.MapDelete("/{node_id}/drain", Undrain);
        known.MapPost("/{node_id}/heartbeat", Heartbeat).LimitBody(MaxHeartbeatBytes);
        known.MapPost("/{node_id}/sessions/{sid}/connected", Connected).Refuses(
            ErrorCatalogue.SessionNotFound, ErrorCatalogue.InvalidToken, ErrorCatalogue.AlreadyConnected, ErrorCatalogue.ConnectionEnded,
            ErrorCatalogue.SessionExpired, ErrorCatalogue.SessionDropped, ErrorCatalogue.NoStreamer);
        known.MapPost("/{node_id}/sessions/{sid}/disconnected", Disconnected).Refuses(ErrorCatalogue.SessionNotFound);
    }

    /// <summary>A group for what a node, or whoever registers it, says of itself.</summary>
    public static RouteGroupBuilder MapReports(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/nodes").Access(Reports).WithTags("Nodes").Refuses(ErrorCatalogue.NodeOwned);

    /// <summary>Streaming nodes, by id.</summary>
    /// <param name="state">`live`, `draining` or `lost`; left out: all.</param>
    /// <param name="region">Only those in this region.</param>
    /// <param name="limit">1 to 200; left out: 50.</param>
    /// <param name="cursor">From the page before; left out: the first page.</param>
    internal static async Task<Results<Ok<Page<Node>>, Problem>> List(
        string? state, string? region, string? limit, string? cursor, IGrainFactory grains)
    {
        var check = new Validator();
        check.That(state is null or Live or Draining or Lost, "state", $"must be {Live}, {Draining} or {Lost}");
        check.That(cursor is null || Names.IsNode(cursor), "cursor", "must be the cursor of a page before");
        var size = Paging.Limit(limit, check);
        if (check.Problem is { } problem)
            return problem;
        var snapshot = await grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Snapshot();
        Node[] found =
        [
            .. snapshot.Nodes
                .Where(node => (state is null || state == StateOf(node)) && (region is null || region == node.Region)
                    && string.CompareOrdinal(node.NodeId, cursor) > 0)
                .OrderBy(node => node.NodeId, StringComparer.Ordinal)
                .Take(size + 1),
        ];
        return TypedResults.Ok(new Page<Node>([.. found.Take(size)], found.Length > size ? found[size - 1].NodeId : null));
    }

    static string StateOf(Node node) => !node.Live ? Lost : node.Draining ? Draining : Live;

    /// <summary>One streaming node.</summary>
    internal static async Task<Results<Ok<Node>, Problem>> Get(string node_id, IGrainFactory grains) =>
        Find(grains, node_id) is { } grain && await grain.Get() is { } node
            ? TypedResults.Ok(node)
            : Problem.Of(ErrorCatalogue.NodeNotFound);

    /// <summary>Registers the node, or changes what it said before, and renews its lease.</summary>
    /// <remarks>The id belongs to the account that first registers it.</remarks>
    internal static async Task<Results<Ok<NodeLease>, Problem>> Register(string node_id, NodeBody body, Caller caller, IGrainFactory grains)
    {
        var check = new Validator();
        check.That(Names.IsNode(node_id), "node_id", $"must be {Names.Shape}");
        return body.Check(check) is { } registration
            ? (await grains.GetGrain<INodeGrain>(node_id).Register(caller.AccountId, registration)).ToAnswer()
            : check.Problem!;
    }

    /// <summary>Renews the node's lease and compares what it streams with what it should.</summary>
    /// <remarks>It answers with the sessions to end and with all that have a place on the node.</remarks>
    internal static async Task<Results<Ok<HeartbeatReply>, Problem>> Heartbeat(
        string node_id, HeartbeatBody body, Caller caller, IGrainFactory grains)
    {
        var check = new Validator();
        if (!body.Check(check))
            return check.Problem!;
        return Find(grains, node_id) is { } node
            ? (await node.Heartbeat(caller.AccountId, body.Sessions!.Value, body.Load)).ToAnswer()
            : Problem.Of(ErrorCatalogue.NodeNotFound);
    }

    /// <summary>A client has connected to a session.</summary>
    internal static async Task<Results<Ok<Session>, Problem>> Connected(
        string node_id, string sid, ConnectedBody body, Caller caller, IGrainFactory grains, TokenService tokens)
    {
        var check = new Validator();
        check.Required(body.SessionToken, "session_token");
        check.Text(body.ConnectionId, "connection_id", MaxConnectionId);
        if (check.Problem is { } problem)
            return problem;
        if (Find(grains, node_id) is not { } node)
            return Problem.Of(ErrorCatalogue.NodeNotFound);
        if (!SessionIds.IsWellFormed(sid))
            return Problem.Of(ErrorCatalogue.SessionNotFound);
        // Too late is the session's to say: it notes the attempt.
        var token = await tokens.Verify(TokenPurpose.Session, body.SessionToken!, expiredToo: true);
        return token?.SessionId == sid
            ? (await node.Connected(caller.AccountId, sid, body.ConnectionId!)).ToAnswer()
            : Problem.Of(ErrorCatalogue.InvalidToken, "The session token is not this session's.");
    }

    /// <summary>A client's connection has ended.</summary>
    internal static async Task<Results<Ok<Session>, Problem>> Disconnected(
        string node_id, string sid, DisconnectedBody body, Caller caller, IGrainFactory grains)
    {
        var check = new Validator();
        check.Text(body.ConnectionId, "connection_id", MaxConnectionId);
        check.That(body.Reason is DisconnectedBody.Clean or DisconnectedBody.Lost, "reason", "must be clean or lost");
        if (check.Problem is { } problem)
            return problem;
        if (Find(grains, node_id) is not { } node)
            return Problem.Of(ErrorCatalogue.NodeNotFound);
        return SessionIds.IsWellFormed(sid)
            ? (await node.Disconnected(caller.AccountId, sid, body.ConnectionId!, body.Reason == DisconnectedBody.Clean)).ToAnswer()
            : Problem.Of(ErrorCatalogue.SessionNotFound);
    }

    /// <summary>No new sessions for this node, until the drain is lifted; those it has go on.</summary>
    /// <remarks>Also for any administrator who is signed in.</remarks>
    internal static Task<Results<Ok<Node>, Problem>> Drain(
        string node_id, Caller caller, IGrainFactory grains, AuditTrail audit, HttpContext http) =>
        Administer(node_id, caller, grains, audit, http, AuditAction.NodeDrain, (node, accountId) => node.Drain(accountId));

    /// <summary>Lifts a drain: the node gets new sessions again.</summary>
    /// <remarks>Also for any administrator who is signed in.</remarks>
    internal static Task<Results<Ok<Node>, Problem>> Undrain(
        string node_id, Caller caller, IGrainFactory grains, AuditTrail audit, HttpContext http) =>
        Administer(node_id, caller, grains, audit, http, AuditAction.NodeUndrain, (node, accountId) => node.Undrain(accountId));

    /// <summary>The node is gone, its sessions drop, and its id is free.</summary>
    /// <remarks>Also for any administrator who is signed in.</remarks>
    internal static Task<Results<Ok<Node>, Problem>> Delete(
        string node_id, Caller caller, IGrainFactory grains, AuditTrail audit, HttpContext http) =>
        Administer(node_id, caller, grains, audit, http, AuditAction.NodeDelete, (node, accountId) => node.Delete(accountId));

    /// <summary>An administrator's login may do it to any node, a key only to its account's own.</summary>
    static async Task<Results<Ok<Node>, Problem>> Administer(
        string nodeId, Caller caller, IGrainFactory grains, AuditTrail audit, HttpContext http, string action,
        Func<INodeGrain, string?, Task<Result<Node>>> act)
    {
        if (Find(grains, nodeId) is not { } node)
            return Problem.Of(ErrorCatalogue.NodeNotFound);
        var accountId = caller.KeyId is null ? null : caller.AccountId;
        if (await node.Get() is { } found && (accountId is null || accountId == found.OwnerId))
            await audit.Record(http, action, nodeId);
        return (await act(node, accountId)).ToAnswer();
    }

    /// <summary>null where no node can have that id.</summary>
    static INodeGrain? Find(IGrainFactory grains, string nodeId) => Names.IsNode(nodeId) ? grains.GetGrain<INodeGrain>(nodeId) : null;
}
