using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor.Services;
using SessionManager.Client;
using SessionManager.Console.Browsing;
using SessionManager.Console.Live;
using SessionManager.Console.Parts;
using SessionManager.Console.SignIn;

namespace SessionManager.Console;

/// <summary>What the pages have injected, but for the browser itself.</summary>
public static class ConsoleServices
{
    public static IServiceCollection AddConsole(this IServiceCollection services, Uri server)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddTransient<HttpMessageHandler>(_ => new HttpClientHandler());
        return services
            .AddSingleton<Login>()
            .AddSingleton<Preferences>()
            .AddSingleton<ServerClock>()
            .AddSingleton<ServerConnection>()
            .AddSingleton<Names>()
            .AddSingleton<EventFeed>()
            .AddSingleton<Notices>()
            .AddSingleton(provider => Client(provider, server))
            .AddMudServices();
    }

    /// <summary>The console's one door to the server.</summary>
    static SessionManagerClient Client(IServiceProvider provider, Uri server)
    {
        var login = provider.GetRequiredService<Login>();
        var http = new HttpClient(new Watch(login, provider.GetRequiredService<ServerClock>(), provider.GetRequiredService<ServerConnection>())
        {
            InnerHandler = provider.GetRequiredService<HttpMessageHandler>(),
        });
        return new SessionManagerClient(
            new SessionManagerClientOptions
            {
                Address = server,
                CredentialProvider = _ => ValueTask.FromResult(login.Token),
                // Somebody is looking: a wait is shown, not sat out in silence.
                MaxRetries = 1,
                MaxRetryDelay = TimeSpan.FromSeconds(2),
            },
            http);
    }
}
