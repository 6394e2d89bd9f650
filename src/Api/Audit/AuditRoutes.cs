using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Admin;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Validation;
using SessionManager.Audit;
using SessionManager.Errors;
using SessionManager.Lists;

namespace SessionManager.Api.Audit;

static class AuditRoutes
{
    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapAdministration().MapGet("/audit", List).Refuses(ErrorCatalogue.InvalidValue);

    /// <summary>Who did what to whom, newest first. Entries are only ever added.</summary>
    /// <param name="actor">Only what this account did.</param>
    /// <param name="target">Only what was done to this account, key or session.</param>
    /// <param name="action">Only actions of this name, such as key.revoke.</param>
    /// <param name="since">Only what was done from then on (RFC 3339).</param>
    /// <param name="until">Only what was done before then (RFC 3339).</param>
    /// <param name="limit">1 to 200; left out: 50.</param>
    /// <param name="cursor">From the page before; left out: the first page.</param>
    internal static async Task<Results<Ok<Page<AuditEntry>>, Problem>> List(
        IAuditLog log, string? actor, string? target, string? action, string? since, string? until, string? limit, string? cursor,
        CancellationToken cancellation)
    {
        var check = new Validator();
        var size = Paging.Limit(limit, check);
        var (from, to) = (check.Instant(since, "since"), check.Instant(until, "until"));
        return check.Problem is { } problem
            ? problem
            : await Paging.Read(cursor, () => log.List(new AuditFilter(actor, target, action, from, to), cursor, size, cancellation));
    }
}
