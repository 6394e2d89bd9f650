using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionManager.Api.Admin;
using SessionManager.Api.Keys;
using SessionManager.Users;

namespace SessionManager.Api.Users;

static class UserServices
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        services.TryAddSingleton<Passwords>();
        return services
            .AddSingleton<AuditTrail>()
            .AddSingleton<LoginAddresses>()
            .AddSingleton<Logins>()
            .AddSingleton<UserDirectory>()
            .AddSingleton<UserRules>()
            .AddSingleton<KeyUses>()
            .AddSingleton<AccountKeys>();
    }

    public static void MapUsersAndKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapUsers();
        routes.MapKeys();
        routes.MapAdminUsers();
        routes.MapAdminSessions();
        routes.MapAudit();
    }
}
