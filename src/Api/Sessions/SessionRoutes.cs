using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Lists;
using SessionManager.Sessions;

namespace SessionManager.Api.Sessions;

static class SessionRoutes
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api").WithTags("Sessions");
        sessions.MapGet("/sessions", List).Access(Access.Bearer(Scopes.SessionsRead)).Refuses(ErrorCatalogue.InvalidValue);
        sessions.MapGet("/sessions/{id}", Get).Access(Access.Bearer(Scopes.SessionsRead)).Refuses(ErrorCatalogue.SessionNotFound);
        sessions.MapDelete("/sessions/{id}", Drop).Access(Access.Bearer(Scopes.SessionsWrite)).Refuses(ErrorCatalogue.SessionNotFound);
    }

    /// <summary>Lists the account's sessions, newest first unless `sort` says otherwise.</summary>
    /// <param name="state">`provisioned`, `connected` or `dropped`; left out: all.</param>
    /// <param name="nodeId">Only those on this node.</param>
    /// <param name="region">Only those in this region.</param>
    /// <param name="reason">Only those dropped for this reason.</param>
    /// <param name="sort">`-created_at`: newest first; `created_at`: oldest first; `-dropped_at`: those dropped last first, and no others; left out: newest first.</param>
    /// <param name="since">Only those of from then on (RFC 3339), by the time that `sort` names.</param>
    /// <param name="until">Only those of before then (RFC 3339), by the time that `sort` names.</param>
    /// <param name="limit">1 to 200; left out: 50.</param>
    /// <param name="cursor">From the page before; left out: the first page.</param>
    internal static Task<Results<Ok<Page<Session>>, Problem>> List(
        string? state, [FromQuery(Name = "node_id")] string? nodeId, string? region, string? reason,
        string? sort, string? since, string? until, string? limit, string? cursor,
        Caller caller, SessionReader sessions, CancellationToken cancellation) =>
        sessions.List(caller.AccountId, new SessionQuery(state, nodeId, region, reason, sort, since, until), limit, cursor, cancellation);

    /// <summary>One session, with everything that has happened to it.</summary>
    internal static Task<Results<Ok<SessionTimeline>, Problem>> Get(
        string id, Caller caller, SessionReader sessions, CancellationToken cancellation) =>
        sessions.Get(id, caller.AccountId, cancellation);

    /// <summary>Drops a session; a client that is connected is disconnected.</summary>
    /// <remarks>Dropping a dropped session changes nothing.</remarks>
    internal static async Task<Results<Ok<Session>, Problem>> Drop(string id, Caller caller, IGrainFactory grains) =>
        SessionIds.IsWellFormed(id)
            ? (await grains.GetGrain<ISessionGrain>(id).Drop(caller.AccountId, DropReason.Terminated)).ToAnswer()
            : Problem.Of(ErrorCatalogue.SessionNotFound);
}
