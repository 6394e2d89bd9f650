using Microsoft.AspNetCore.Http.Features;

namespace SessionManager.Api.Signaling.Sockets;

/// <summary>Puts a <see cref="WatchedStream"/> under whatever WebSocket the framework makes of the request.</summary>
sealed class WatchedUpgrade(IHttpUpgradeFeature inner, TimeProvider time) : IHttpUpgradeFeature
{
    public WatchedStream? Stream { get; private set; }

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => Stream = new WatchedStream(await inner.UpgradeAsync(), time);

    public static void Use(IApplicationBuilder app)
    {
        var time = app.ApplicationServices.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
                context.Features.Set<IHttpUpgradeFeature>(new WatchedUpgrade(upgrade, time));
            return next(context);
        });
        app.UseWebSockets();
    }

    /// <summary>Answers 101 and opens the socket. Silence on it is for <see cref="Peer"/> to judge.</summary>
    public static async Task<(System.Net.WebSockets.WebSocket Socket, WatchedStream Stream)> Accept(HttpContext context)
    {
        var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = TimeSpan.Zero });
        return (socket, ((WatchedUpgrade)context.Features.Get<IHttpUpgradeFeature>()!).Stream!);
    }
}
