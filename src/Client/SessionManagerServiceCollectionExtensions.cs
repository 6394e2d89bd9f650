using Microsoft.Extensions.Options;
using SessionManager.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="SessionManagerClient"/>.</summary>
public static class SessionManagerServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="SessionManagerClient"/> on an <c>IHttpClientFactory</c> client of the same name. The returned builder takes
    /// more handlers, such as those of Microsoft.Extensions.Http.Resilience; the client obeys <c>Retry-After</c> by itself.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">At least the address and, for most calls, the credential.</param>
    public static IHttpClientBuilder AddSessionManagerClient(this IServiceCollection services, Action<SessionManagerClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddSessionManagerClient((options, _) => configure(options));
    }

    /// <summary>As the other, for options that need a service: a configuration, a store of keys, the login of the page.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">At least the address and, for most calls, the credential.</param>
    public static IHttpClientBuilder AddSessionManagerClient(
        this IServiceCollection services, Action<SessionManagerClientOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<SessionManagerClientOptions>().Configure(configure);
        return services.AddHttpClient(nameof(SessionManagerClient)).AddTypedClient((http, provider) =>
            new SessionManagerClient(provider.GetRequiredService<IOptions<SessionManagerClientOptions>>().Value, http));
    }
}
