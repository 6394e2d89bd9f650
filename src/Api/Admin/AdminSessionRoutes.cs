using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using SessionManager.Api.Audit;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Sessions;
using SessionManager.Errors;
using SessionManager.Lists;
using SessionManager.Sessions;
using SessionManager.Users;

namespace SessionManager.Api.Admin;

static class AdminSessionRoutes
{
    public static void MapAdminSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapAdministration();
        sessions.MapGet("/sessions", List).Refuses(ErrorCatalogue.InvalidValue);
        sessions.MapGet("/sessions/{id}", Get).Refuses(ErrorCatalogue.SessionNotFound);
        sessions.MapDelete("/sessions/{id}", Drop).Refuses(ErrorCatalogue.SessionNotFound);
    }

    /// <summary>Sessions of every account, newest first unless `sort` says otherwise.</summary>
    /// <param name="accountId">Only this account's.</param>
    /// <param name="username">Only those of the user of this name.</param>
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
        [FromQuery(Name = "account_id")] string? accountId, string? username, string? state, [FromQuery(Name = "node_id")] string? nodeId,
        string? region, string? reason, string? sort, string? since, string? until, string? limit, string? cursor, SessionReader sessions, CancellationToken cancellation) =>
        sessions.List(
            accountId ?? (username is null ? null : UserIds.Of(username)),
            new SessionQuery(state, nodeId, region, reason, sort, since, until), limit, cursor, cancellation);

    /// <summary>Anyone's session, with everything that has happened to it.</summary>
    internal static Task<Results<Ok<SessionTimeline>, Problem>> Get(string id, SessionReader sessions, CancellationToken cancellation) =>
        sessions.Get(id, null, cancellation);

    /// <summary>Drops anyone's session; a client that is connected is disconnected.</summary>
    /// <remarks>Dropping a dropped session changes nothing.</remarks>
    internal static async Task<Results<Ok<Session>, Problem>> Drop(
        string id, IGrainFactory grains, SessionReader sessions, AuditTrail audit, HttpContext http)
    {
        if (await sessions.Find(id, null, http.RequestAborted) is null)
            return Problem.Of(ErrorCatalogue.SessionNotFound);
        await audit.Record(http, AuditAction.SessionDrop, id);
        return (await grains.GetGrain<ISessionGrain>(id).Drop(null, DropReason.Terminated)).ToAnswer();
    }
}
