using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionManager.Api.Admin;
using SessionManager.Api.Keys;
using SessionManager.People;

namespace SessionManager.Api.People;

static class PeopleServices
{
    public static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.TryAddSingleton<Passwords>();
        return services
            .AddSingleton<AuditTrail>()
            .AddSingleton<LoginAddresses>()
            .AddSingleton<Logins>()
            .AddSingleton<PeopleDirectory>()
            .AddSingleton<PersonRules>()
            .AddSingleton<AccountKeys>();
    }

    public static void MapPeopleAndKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPeople();
        routes.MapKeys();
        routes.MapAdminUsers();
        routes.MapAdminSessions();
        routes.MapAudit();
    }
}
