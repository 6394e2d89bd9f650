using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SessionManager.Client;
using SessionManager.Console;
using SessionManager.Console.Browsing;
using SessionManager.Console.SignIn;

namespace SessionManager.Tests;

/// <summary>The console's components without a browser, before a server that answers as each test says.</summary>
public abstract class ConsoleTest : BunitContext
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private protected FakeBrowser Browser { get; } = new();
    private protected FakeServer Server { get; } = new();
    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    protected ConsoleTest()
    {
        // No test is about how fast this machine is at the moment; left alone it is a second.
        DefaultWaitTimeout = Patience;
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<IBrowser>(Browser);
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddTransient<HttpMessageHandler>(_ => Server);
        Services.AddConsole(new Uri("http://server.test/"));
    }

    private protected Login Login => Services.GetRequiredService<Login>();
    protected NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    protected void SignIn(bool admin = false, bool keys = true, string name = "mia")
    {
        Login.Take("token");
        Login.Began(User(name, admin, keys));
    }

    protected static User User(string name, bool admin = false, bool keys = true, bool suspended = false, int active = 0) => new(
        $"usr_{name}", name, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), admin, keys || admin, suspended, suspended ? "Unpaid." : null, 5, null, null, active);

    /// <summary>A session in JSON, minted that many minutes ago.</summary>
    protected string Session(string id, string state = "provisioned", int minutes = 1, string? reason = null) =>
        $$"""
        {"session_id":"{{id}}","state":"{{state}}","reason":{{(reason is null ? "null" : $"\"{reason}\"")}},"account_id":"usr_mia","node_id":"rack-1","region":"eu-west","model":"m",
        "created_at":"{{Time.GetUtcNow().AddMinutes(-minutes):O}}","token_expired":false,"last_activity_at":"{{Time.GetUtcNow():O}}"}
        """;

    /// <summary>
    /// Lets seconds of the fake clock pass until the component shows the text. A waiting component renders nothing, so to pass them at each
    /// render would not do.
    /// </summary>
    protected async Task ShowsInTime<TComponent>(IRenderedComponent<TComponent> component, string text)
        where TComponent : IComponent
    {
        var waited = Stopwatch.StartNew();
        while (!await component.InvokeAsync(() => component.Markup.Contains(text, StringComparison.Ordinal)))
        {
            Assert.True(waited.Elapsed < Patience, $"\"{text}\" is not in {component.Markup}");
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Server.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Answers requests by their method and path.</summary>
sealed class FakeServer : HttpMessageHandler
{
    readonly Dictionary<string, Func<HttpRequestMessage, HttpResponseMessage>> _answers = [];

    /// <summary>What was asked for, with its body.</summary>
    public ConcurrentQueue<(string Call, string? Body)> Calls { get; } = [];

    public void Answers(string call, string json, HttpStatusCode status = HttpStatusCode.OK) => _answers[call] = _ => new HttpResponseMessage(status)
    {
        Content = new StringContent(json, Encoding.UTF8, status < HttpStatusCode.BadRequest ? "application/json" : "application/problem+json"),
    };

    public void Answers(string call, Func<HttpRequestMessage, string> json) => _answers[call] = request => new HttpResponseMessage(HttpStatusCode.OK)
    {
        Content = new StringContent(json(request), Encoding.UTF8, "application/json"),
    };

    /// <summary>429, and how long to wait.</summary>
    public void Limits(string call, int seconds) => _answers[call] = _ => new HttpResponseMessage(HttpStatusCode.TooManyRequests)
    {
        Headers = { RetryAfter = new(TimeSpan.FromSeconds(seconds)) },
        Content = new StringContent(
            """{"error":"RATE_LIMITED","code":"RATE_LIMITED","message":"Too many requests.","action":"wait","details":{"retry_after_seconds":30}}""", Encoding.UTF8, "application/problem+json"),
    };

    /// <summary>The ids that the stream of events was asked to go on from.</summary>
    public ConcurrentQueue<string?> LastEventIds { get; } = [];

    public void Streams(string call, string text) => _answers[call] = _ => new HttpResponseMessage(HttpStatusCode.OK)
    {
        Content = new StringContent(text, Encoding.UTF8, "text/event-stream"),
    };

    public void Fails(string call) => _answers[call] = _ => throw new HttpRequestException("away");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        if (call == "GET /api/events")
            LastEventIds.Enqueue(request.Headers.TryGetValues("Last-Event-ID", out var ids) ? ids.Single() : null);
        Calls.Enqueue((call, request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken)));
        return _answers.TryGetValue(call, out var answer)
            ? answer(request)
            : new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("""{"code":"not_found","title":"Nothing here."}""", Encoding.UTF8, "application/problem+json") };
    }
}
