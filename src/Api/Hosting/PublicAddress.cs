using Microsoft.Extensions.Options;
using SessionManager.Api.Signaling;

namespace SessionManager.Api.Hosting;

/// <summary>How the outside reaches this server.</summary>
public sealed class PublicAddress(IOptions<GatewayOptions> options)
{
    readonly Uri? _given = TryParse(options.Value.PublicUrl, out var address) ? address : null;

    /// <summary>Where clients without a node's own signaling address connect: <c>ws(s)://host/signaling</c>.</summary>
    public string Signaling(HttpRequest request) => (IsHttps(request) ? "wss://" : "ws://") + Place(request) + "/signaling";

    /// <summary>The host alone, as an address has it.</summary>
    public string Host(HttpRequest request) => _given?.Host ?? request.Host.Host;

    public string Ping(HttpRequest request) => Origin(request) + "/ping";

    /// <summary><c>http(s)://host</c>, to which paths are added.</summary>
    public string Origin(HttpRequest request) => (IsHttps(request) ? "https://" : "http://") + Place(request);

    /// <param name="address">null where the text is empty: none is given.</param>
    internal static bool TryParse(string? text, out Uri? address)
    {
        address = null;
        return string.IsNullOrEmpty(text)
            || Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https"
            && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;
    }

    bool IsHttps(HttpRequest request) => _given is null ? request.IsHttps : _given.Scheme == Uri.UriSchemeHttps;

    string Place(HttpRequest request) => _given is null
        ? request.Host.ToUriComponent() + request.PathBase.ToUriComponent()
        : _given.Authority + _given.AbsolutePath.TrimEnd('/');
}
