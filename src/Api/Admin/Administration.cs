using SessionManager.Api.Auth;

namespace SessionManager.Api.Admin;

static class Administration
{
    /// <summary>A group for routes under <c>/api/admin</c>: all of them are for administrators' logins, and for no key.</summary>
    public static RouteGroupBuilder MapAdministration(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/admin").Access(Access.AdminLoginOnly).WithTags("Administration");
}
