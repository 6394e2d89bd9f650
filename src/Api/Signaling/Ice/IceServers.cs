using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using SessionManager.Api.Hosting;
using SessionManager.Configuration;

namespace SessionManager.Api.Signaling.Ice;

/// <param name="Servers">As a browser's <c>RTCPeerConnection</c> takes them.</param>
public sealed record IceAnswer([property: JsonPropertyName("iceServers")] ImmutableArray<IceServer> Servers);

/// <param name="Username">TURN servers only: the second it ends (Unix time), and a name.</param>
/// <param name="Credential">TURN servers only.</param>
public sealed record IceServer(ImmutableArray<string> Urls, string? Username = null, string? Credential = null);

/// <summary>
/// What a client is told. Never nothing: the published clients would ask a public server of their own choice. They say nothing of
/// themselves when they ask, so anyone is given a relay's credentials; it is the relay that limits what one name may use.
/// </summary>
sealed class IceServers(
    IOptions<IceOptions> options, StunResponder stun, PublicAddress address, Gateway gateway, TimeProvider time)
{
    readonly ImmutableArray<string> _stunUrls = [.. Split(options.Value.Urls).Where(IsStun)];
    readonly ImmutableArray<string> _turnUrls = [.. Split(options.Value.Urls).Where(url => !IsStun(url))];

    internal static void Check(IceOptions ice, StunOptions stun, Settings settings)
    {
        var urls = Split(ice.Urls).ToArray();
        foreach (var url in urls.Where(url => !IsStun(url) && !IsTurn(url)))
            settings.Report($"Ice__Urls has '{url}'; it must be like stun:host:port or turn:host:port?transport=udp.");
        if (urls.Any(IsTurn) && string.IsNullOrEmpty(ice.TurnSecret))
            settings.Report("Ice__Urls names a TURN server; Ice__TurnSecret must be given.");
        if (!stun.Enabled && urls.Length == 0)
            settings.Report("Stun__Enabled is false; Ice__Urls must name a server, or clients would ask one of their own choice.");
        if (stun.Address is { } listen && !System.Net.IPAddress.TryParse(listen, out _))
            settings.Report($"Stun__Address is '{listen}'; it must be an IP address.");
        if (stun.PublicUrl is { } url1 && !IsStun(url1))
            settings.Report($"Stun__PublicUrl is '{url1}'; it must be like stun:host:port.");
    }

    /// <param name="name">Whom a relay's credentials are for; null: somebody.</param>
    public IceAnswer For(HttpRequest request, string? name)
    {
        var servers = ImmutableArray.CreateBuilder<IceServer>();
        if (stun.Url(address.Host(request)) is { } own)
            servers.Add(new([own]));
        if (!_stunUrls.IsEmpty)
            servers.Add(new(_stunUrls));
        if (!_turnUrls.IsEmpty)
        {
            var user = Username(time.GetUtcNow().AddSeconds(options.Value.TurnSeconds), name ?? gateway.NewId("ice_"));
            servers.Add(new(_turnUrls, user, Credential(user, options.Value.TurnSecret!)));
        }

        return new(servers.DrainToImmutable());
    }

    /// <summary>TURN's REST credentials (draft-uberti-behave-turn-rest-00, section 2.2), as coturn and others check them.</summary>
    internal static string Username(DateTimeOffset end, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{end.ToUnixTimeSeconds()}:{name}");

#pragma warning disable CA5350 // It is SHA-1 that TURN servers compute; as an HMAC it is not broken.
    internal static string Credential(string username, string secret) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350

    static string[] Split(string? urls) =>
        (urls ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    static bool IsStun(string url) => HasHost(url, "stun:", "stuns:");

    static bool IsTurn(string url) => HasHost(url, "turn:", "turns:");

    static bool HasHost(string url, params ReadOnlySpan<string> schemes)
    {
        foreach (var scheme in schemes)
        {
            if (url.Length > scheme.Length && url.StartsWith(scheme, StringComparison.Ordinal) && url[scheme.Length] != '/')
                return true;
        }

        return false;
    }
}
