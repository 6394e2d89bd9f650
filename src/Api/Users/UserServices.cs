using SessionManager.Api.Admin;
using SessionManager.Api.Audit;
using SessionManager.Api.Keys;

namespace SessionManager.Api.Users;

static class UserServices
{
    public static IServiceCollection AddUsers(this IServiceCollection services) => services
        .AddSingleton<AuditTrail>()
        .AddSingleton<Passwords>()
        .AddSingleton<LoginAddresses>()
        .AddSingleton<Logins>()
        .AddSingleton<UserDirectory>()
        .AddSingleton<UserRules>()
        .AddSingleton<KeyUses>()
        .AddSingleton<AccountKeys>();

    public static void MapUsersAndKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapUsers();
        routes.MapKeys();
        routes.MapAdminUsers();
        routes.MapAdminSessions();
        routes.MapAudit();
    }
}
