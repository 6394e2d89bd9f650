using System.Collections.Immutable;
using Microsoft.AspNetCore.HttpOverrides;
using SessionManager.Keys;
using IPNetwork = System.Net.IPNetwork;

namespace SessionManager.Api.Hosting;

/// <summary>
/// Behind a proxy every caller would have the proxy's address: throttles would hit all at once, the audit would name nobody, and
/// a key's networks would mean nothing. What the trusted ones forward is taken instead, up to the first that is not trusted.
/// </summary>
static class TrustedProxies
{
    public static string? Problem(ApiOptions options) => TryParse(options.TrustedProxies, out _)
        ? null
        : $"Api__TrustedProxies is '{options.TrustedProxies}'; it must be addresses or networks like 10.0.0.0/8, separated by commas.";

    public static void Add(IServiceCollection services, ApiOptions options)
    {
        _ = TryParse(options.TrustedProxies, out var networks);
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = networks.IsEmpty ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in networks)
                forwarded.KnownIPNetworks.Add(network);
        });
    }

    static bool TryParse(string? text, out ImmutableArray<IPNetwork> networks)
    {
        networks = [];
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Networks.TryParse(part, out var network))
                return false;
            networks = networks.Add(network);
        }

        return true;
    }
}
