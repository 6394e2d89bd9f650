using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Sessions;
using SessionManager.Errors;
using SessionManager.Journal;
using SessionManager.Sessions;

namespace SessionManager.Api.Admin;

static class AdminSessionRoutes
{
    public static void MapAdminSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/admin/sessions", List).Access(Access.AdminLoginOnly).WithTags("Administration").Refuses(ErrorCatalogue.InvalidValue);
        routes.MapDelete("/api/admin/sessions/{id}", Drop).Access(Access.AdminLoginOnly).WithTags("Administration")
            .Refuses(ErrorCatalogue.SessionNotFound);
    }

    /// <summary>Sessions of every account, newest first.</summary>
    /// <param name="accountId">Only this account's.</param>
    /// <param name="state">`provisioned`, `connected` or `dropped`; left out: all.</param>
    /// <param name="limit">1 to 200; left out: 50.</param>
    /// <param name="cursor">From the page before; left out: the first page.</param>
    internal static Task<Results<Ok<Page<Session>>, Problem>> List(
        [FromQuery(Name = "account_id")] string? accountId, string? state, string? limit, string? cursor,
        SessionReader sessions, CancellationToken cancellation) => sessions.List(accountId, state, limit, cursor, cancellation);

    /// <summary>Drops anyone's session; a client that is connected is disconnected.</summary>
    /// <remarks>Dropping a dropped session changes nothing.</remarks>
    internal static async Task<Results<Ok<Session>, Problem>> Drop(
        string id, IGrainFactory grains, AuditTrail audit, HttpContext http)
    {
        if (!SessionIds.IsWellFormed(id))
            return Problem.Of(ErrorCatalogue.SessionNotFound);
        var session = grains.GetGrain<ISessionGrain>(id);
        if (await session.Get(null) is null)
            return Problem.Of(ErrorCatalogue.SessionNotFound);
        await audit.Record(http, AuditAction.SessionDrop, id);
        return (await session.Drop(null, DropReason.Terminated)).ToAnswer();
    }
}
