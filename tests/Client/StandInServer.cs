using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionManager.Tests.Client;

/// <summary>Answers what a test says, on real HTTP: for what the real server does not do when a test would like it to.</summary>
sealed class StandInServer : IAsyncDisposable
{
    readonly WebApplication _app;

    StandInServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<StandInServer> Start(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(answer);
        await app.StartAsync();
        return new StandInServer(app);
    }

    /// <summary>A refusal as the real server words one.</summary>
    public static Task Refuse(HttpContext http, int status, string code, string? retryAfter = null, string more = "")
    {
        http.Response.StatusCode = status;
        if (retryAfter is not null)
            http.Response.Headers.RetryAfter = retryAfter;
        http.Response.ContentType = "application/problem+json";
        return http.Response.WriteAsync($$"""{"code":"{{code}}","title":"No.","status":{{status}},"request_id":"r1"{{more}}}""");
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>Nobody waits: every delay is over at once, and is written down.</summary>
sealed class RecordedTime : TimeProvider
{
    readonly List<TimeSpan> _delays = [];

    public DateTimeOffset Now { get; init; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<TimeSpan> Delays
    {
        get
        {
            lock (_delays)
                return [.. _delays];
        }
    }

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_delays)
            _delays.Add(dueTime);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
