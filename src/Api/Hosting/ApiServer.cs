using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;
using SessionManager.Api.Auth;
using SessionManager.Api.Broadcasts;
using SessionManager.Api.Console;
using SessionManager.Api.Dashboard;
using SessionManager.Api.Demo;
using SessionManager.Api.Errors;
using SessionManager.Api.Events;
using SessionManager.Api.Health;
using SessionManager.Api.Json;
using SessionManager.Api.MediaMtx;
using SessionManager.Api.Minting;
using SessionManager.Api.Nodes;
using SessionManager.Api.OpenApi;
using SessionManager.Api.Overview;
using SessionManager.Api.Regions;
using SessionManager.Api.Sessions;
using SessionManager.Api.Signaling;
using SessionManager.Api.Signaling.Ice;
using SessionManager.Api.Signaling.Sockets;
using SessionManager.Api.Tokens;
using SessionManager.Api.Usage;
using SessionManager.Api.Users;
using SessionManager.Api.Watch;
using SessionManager.Configuration;

namespace SessionManager.Api.Hosting;

/// <summary>The front end: its services, and the way of a request through it.</summary>
public static class ApiServer
{
    const int MaxHeaderBytes = 16 * 1024;
    const int MaxRequestLineBytes = 8 * 1024;
    static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public static void AddServices(WebApplicationBuilder builder, Settings settings)
    {
        var services = builder.Services;
        var api = settings.Add<ApiOptions>(services, ApiOptions.Section, TrustedProxies.Problem);
        settings.Add<GatewayOptions>(services, GatewayOptions.Section, PublicUrlIsOne, SilenceOutlastsPings);
        var ice = settings.Add<IceOptions>(services, IceOptions.Section);
        var stun = settings.Add<StunOptions>(services, StunOptions.Section);
        TrustedProxies.Add(services, api);
        settings.Add<TokenOptions>(services, TokenOptions.Section);
        if (settings.Add<DemoOptions>(services, DemoOptions.Section).Enabled)
            services.AddDemo();
        IceServers.Check(ice, stun, settings);

        // Who is refused is in the answer; a line a refusal would let anyone fill the log.
        builder.Logging.AddFilter(typeof(CredentialHandler).FullName, LogLevel.Warning);
        // The framework logs whole request lines, and some carry a token in their query. What fails is logged by us; and while it may log
        // anything at all, it makes a span of each request that nobody sees.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            EarlyRefusals.Watch(kestrel);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = api.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = api.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = api.MaxConnections;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        });
        services
            .Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(api.ShutdownSeconds))
            .Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true)
            .ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions))
            .AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = TimeSpan.FromSeconds(api.RequestSeconds),
                TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            })
            .AddSingleton<PublicAddress>()
            .AddSingleton<SigningKeyCache>()
            .AddSingleton<TokenService>()
            .AddSingleton<CredentialResolver>()
            .AddSingleton<Minter>()
            .AddSingleton<SessionReader>()
            .AddSingleton<EventHub>()
            .AddSingleton<SlotLimits>()
            .AddSingleton<MintRefusals>()
            .AddSingleton<IAuthorizationHandler, AccessHandler>()
            .AddUsers()
            .AddSignaling()
            .AddBroadcasts()
            .AddSingleton<MediaMtxAdmission>()
            .AddCors();
        services.AddApiDescription();
        builder.AddConsole();
        services.AddAuthentication(CredentialHandler.Scheme).AddScheme<AuthenticationSchemeOptions, CredentialHandler>(CredentialHandler.Scheme, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(
            new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
    }

    public static void UsePipeline(WebApplication app)
    {
        EarlyRefusals.Answer(app.Services);
        app.UseForwardedHeaders();
        if (app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.AccessLog)
            app.UseMiddleware<AccessLog>();
        app.UseMiddleware<BrowserAccess>();
        app.UseMiddleware<ErrorMiddleware>();
        app.Use(AnswerHeadAsGet);
        WatchedUpgrade.Use(app);
        app.UseRouting();
        app.UseRequestTimeouts();
        MintRefusals.Use(app);
        app.Use(AnswerUnrouted);
        DashboardLogin.Use(app);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapMinting();
        app.MapTokens();
        app.MapRegions();
        app.MapSessions();
        app.MapNodes();
        app.MapSignaling();
        app.MapBroadcasts();
        app.MapMediaMtx();
        app.MapUsage();
        app.MapOverview();
        app.MapEvents();
        app.MapUsersAndKeys();
        app.MapHealth();
        DashboardLogin.Map(app);
        app.MapApiDescription();
        app.MapDemo();
        app.MapWatch();
        app.MapConsole();
    }

    static string? PublicUrlIsOne(GatewayOptions gateway) => PublicAddress.TryParse(gateway.PublicUrl, out _)
        ? null
        : $"Gateway__PublicUrl is '{gateway.PublicUrl}'; it must be an address like https://sessions.example.com.";

    static string? SilenceOutlastsPings(GatewayOptions gateway) => gateway.SilenceSeconds > gateway.PingSeconds
        ? null
        : $"Gateway__SilenceSeconds ({gateway.SilenceSeconds}) must be longer than Gateway__PingSeconds ({gateway.PingSeconds}).";

    /// <summary>HEAD is GET without the body (RFC 9110, section 9.3.2); the server leaves that out by itself.</summary>
    static Task AnswerHeadAsGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
            context.Request.Method = HttpMethods.Get;
        return next(context);
    }

    /// <summary>What the router refuses by itself (no such path, no such method) needs no credential to be refused.</summary>
    static Task AnswerUnrouted(HttpContext context, RequestDelegate next)
    {
        switch (context.GetEndpoint())
        {
            case RouteEndpoint:
                return next(context);
            case { RequestDelegate: { } refuse }:
                return refuse(context);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }
}
