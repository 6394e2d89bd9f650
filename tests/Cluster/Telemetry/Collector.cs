using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SessionManager.Tests.Telemetry;

/// <summary>Takes what processes push over OTLP (HTTP with protobuf), and keeps the names of metrics and every span.</summary>
sealed class Collector : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, byte> _metrics = [];
    readonly ConcurrentBag<Span> _spans = [];
    readonly WebApplication _app;

    Collector(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/metrics", (HttpRequest request) => Take(request, Otlp.Metrics, metric => _metrics.TryAdd(PrometheusName.Of(metric), 0)));
        app.MapPost("/v1/traces", (HttpRequest request) => Take(request, Otlp.Spans, _spans.Add));
    }

    /// <summary>As Prometheus calls them.</summary>
    public ICollection<string> Metrics => _metrics.Keys;

    public IEnumerable<Span> Spans => _spans;

    /// <summary>
    /// The variables that make a process report here. Of traces only those that a caller asks for: all of them would cost the
    /// tests of failures the machine.
    /// </summary>
    public IEnumerable<(string Name, string Value)> Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "5000"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
    ];

    public static async Task<Collector> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    static async Task Take<T>(HttpRequest request, Func<CodedInputStream, IEnumerable<T>> read, Action<T> keep)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        foreach (var item in read(new CodedInputStream(body.ToArray())))
            keep(item);
    }
}
