using Microsoft.Extensions.Options;
using SessionManager.Hosting;

namespace SessionManager.Api.Hosting;

/// <summary>How the outside reaches this server.</summary>
public sealed class PublicAddress(IOptions<GatewayOptions> options)
{
    readonly Uri? given = Parse(options.Value.PublicUrl);

    /// <summary>Where clients without a node's own signaling address connect: <c>ws(s)://host/signaling</c>.</summary>
    public string Signaling(HttpRequest request) => (IsHttps(request) ? "wss://" : "ws://") + Place(request) + "/signaling";

    public string Ping(HttpRequest request) => (IsHttps(request) ? "https://" : "http://") + Place(request) + "/ping";

    /// <exception cref="StartupException">It is no http address.</exception>
    internal static Uri? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? uri
            : throw new StartupException($"Gateway__PublicUrl is '{text}'; it must be an address like https://sessions.example.com.");
    }

    bool IsHttps(HttpRequest request) => given is null ? request.IsHttps : given.Scheme == Uri.UriSchemeHttps;

    string Place(HttpRequest request) => given is null
        ? request.Host.ToUriComponent() + request.PathBase.ToUriComponent()
        : given.Authority + given.AbsolutePath.TrimEnd('/');
}
