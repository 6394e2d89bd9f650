using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Api.Admin;
using SessionManager.Api.Audit;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Hosting;
using SessionManager.Api.Nodes;
using SessionManager.Api.Validation;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Lists;

namespace SessionManager.Api.Broadcasts;

static class BroadcastRoutes
{
    public static IServiceCollection AddBroadcasts(this IServiceCollection services) => services
        .AddSingleton<Broadcaster>()
        .AddSingleton<BroadcastReader>()
        .AddSingleton<ViewerRelay>();

    public static void MapBroadcasts(this IEndpointRouteBuilder routes)
    {
        routes.MapReports().MapPost("/{node_id}/sessions/{sid}/broadcast", Start).Refuses(
            ErrorCatalogue.NodeNotFound, ErrorCatalogue.SessionNotFound, ErrorCatalogue.SessionNotConnected, ErrorCatalogue.SessionDropped);

        var own = routes.MapGroup("/api").WithTags("Broadcasts");
        var reads = own.MapGroup("").Access(Access.Bearer(Scopes.BroadcastsRead));
        reads.MapGet("/broadcasts", List).Refuses(ErrorCatalogue.InvalidValue);
        reads.MapGet("/broadcasts/{id}", Get).Refuses(ErrorCatalogue.BroadcastNotFound);
        var writes = own.MapGroup("").Access(Access.Bearer(Scopes.BroadcastsWrite)).Refuses(ErrorCatalogue.BroadcastNotFound);
        writes.MapDelete("/broadcasts/{id}", End);
        writes.MapPost("/broadcasts/{id}/tokens", Token).Refuses(ErrorCatalogue.BroadcastEnded);

        var all = routes.MapAdministration();
        all.MapGet("/broadcasts", ListAll).Refuses(ErrorCatalogue.InvalidValue);
        all.MapDelete("/broadcasts/{id}", EndAnyones).Refuses(ErrorCatalogue.BroadcastNotFound);

        var broadcast = routes.MapGroup("/broadcasts/{broadcast_id}").WithTags("Broadcasts");
        broadcast.MapGet("/status", Status).Access(Access.Spectator).Refuses(ErrorCatalogue.BroadcastNotFound, ErrorCatalogue.BroadcastEnded);
        broadcast.MapWhep();
    }

    /// <summary>The node broadcasts a session that is connected on it.</summary>
    /// <remarks>A session has one live broadcast: a repeat answers with the same one, and with another token. `hls_url` may be told by a repeat.</remarks>
    internal static async Task<Results<Created<BroadcastStarted>, Problem>> Start(
        string node_id, string sid, BroadcastBody? body, Caller caller, Broadcaster broadcaster, PublicAddress address, HttpRequest request)
    {
        var check = new Validator();
        if (body?.Check(check) == false)
            return check.Problem!;
        return ToAnswer(await broadcaster.Start(node_id, sid, body?.HlsUrl, caller.AccountId, address.Origin(request)));
    }

    internal static Results<Created<BroadcastStarted>, Problem> ToAnswer(Result<BroadcastStarted> started) => started.Ok
        ? TypedResults.Created($"/api/broadcasts/{started.Value!.BroadcastId}", started.Value)
        : (Problem)started.Refusal!;

    /// <summary>Lists the account's broadcasts, newest first.</summary>
    /// <param name="state">`live` or `ended`; left out: both.</param>
    /// <param name="limit">1 to 200; left out: 50.</param>
    /// <param name="cursor">From the page before; left out: the first page.</param>
    internal static Task<Results<Ok<Page<Broadcast>>, Problem>> List(
        string? state, string? limit, string? cursor, Caller caller, BroadcastReader broadcasts, CancellationToken cancellation) =>
        broadcasts.List(caller.AccountId, state, limit, cursor, cancellation);

    /// <summary>Broadcasts of every account, newest first.</summary>
    /// <param name="state">`live` or `ended`; left out: both.</param>
    /// <param name="limit">1 to 200; left out: 50.</param>
    /// <param name="cursor">From the page before; left out: the first page.</param>
    internal static Task<Results<Ok<Page<Broadcast>>, Problem>> ListAll(
        string? state, string? limit, string? cursor, BroadcastReader broadcasts, CancellationToken cancellation) =>
        broadcasts.List(null, state, limit, cursor, cancellation);

    /// <summary>One broadcast.</summary>
    internal static async Task<Results<Ok<Broadcast>, Problem>> Get(
        string id, Caller caller, BroadcastReader broadcasts, CancellationToken cancellation) =>
        await broadcasts.Find(id, caller.AccountId, cancellation) is { } row
            ? TypedResults.Ok(await broadcasts.Watch(row))
            : Problem.Of(ErrorCatalogue.BroadcastNotFound);

    /// <summary>Ends a broadcast for all its viewers; its session goes on.</summary>
    /// <remarks>Ending an ended broadcast changes nothing.</remarks>
    internal static async Task<Results<Ok<Broadcast>, Problem>> End(
        string id, Caller caller, BroadcastReader broadcasts, IGrainFactory grains, CancellationToken cancellation) =>
        await EndOf(id, caller.AccountId, broadcasts, grains, cancellation);

    /// <summary>Ends anyone's broadcast for all its viewers; its session goes on.</summary>
    /// <remarks>Ending an ended broadcast changes nothing.</remarks>
    internal static async Task<Results<Ok<Broadcast>, Problem>> EndAnyones(
        string id, BroadcastReader broadcasts, IGrainFactory grains, AuditTrail audit, HttpContext http)
    {
        if (await broadcasts.Find(id, null, http.RequestAborted) is null)
            return Problem.Of(ErrorCatalogue.BroadcastNotFound);
        await audit.Record(http, AuditAction.BroadcastEnd, id);
        return await EndOf(id, null, broadcasts, grains, http.RequestAborted);
    }

    /// <summary>Makes another token that watches the broadcast and can do nothing else.</summary>
    /// <remarks>It is void as soon as the broadcast is over.</remarks>
    internal static async Task<Results<Created<SpectatorTokenAnswer>, Problem>> Token(
        string id, SpectatorTokenBody? body, Caller caller, BroadcastReader broadcasts, Broadcaster broadcaster, PublicAddress address, HttpContext http)
    {
        var check = new Validator();
        body?.Check(check);
        if (check.Problem is { } problem)
            return problem;
        if (await broadcasts.Find(id, caller.AccountId, http.RequestAborted) is not { } row)
            return Problem.Of(ErrorCatalogue.BroadcastNotFound);
        if (row.EndedAt is not null)
            return Problem.Of(ErrorCatalogue.BroadcastEnded);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, await broadcaster.IssueToken(row, body?.TtlSeconds, body?.MaxViewers, address.Origin(http.Request)));
    }

    /// <param name="accountId">Another's is not found; null: anyone's.</param>
    static async Task<Results<Ok<Broadcast>, Problem>> EndOf(
        string id, string? accountId, BroadcastReader broadcasts, IGrainFactory grains, CancellationToken cancellation)
    {
        if (await broadcasts.Find(id, accountId, cancellation) is null)
            return Problem.Of(ErrorCatalogue.BroadcastNotFound);
        await grains.GetGrain<IBroadcastGrain>(id).End();
        return await broadcasts.Find(id, accountId, cancellation) is { } ended
            ? TypedResults.Ok(await broadcasts.Watch(ended))
            : Problem.Of(ErrorCatalogue.BroadcastNotFound);
    }

    /// <summary>Whether the broadcast is live, and how many are watching.</summary>
    internal static async Task<Results<Ok<BroadcastStatus>, Problem>> Status(
        string broadcast_id, Spectator spectator, BroadcastReader broadcasts, HttpContext http)
    {
        if (await broadcasts.Find(broadcast_id, null, http.RequestAborted) is not { } row)
            return Problem.Of(ErrorCatalogue.BroadcastNotFound);
        if (row.EndedAt is not null)
            return Problem.Of(ErrorCatalogue.BroadcastEnded);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new BroadcastStatus(BroadcastState.Live, (await broadcasts.Count(row)).Now, spectator.ExpiresAt, row.HlsUrl));
    }
}
