using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using SessionManager.Tests.Hosting;

namespace SessionManager.Tests.Telemetry;

/// <summary>Metrics for Prometheus to fetch; what is pushed to it, the tests of the cluster hold against the boards.</summary>
public sealed class ScrapeTests : IDisposable
{
    readonly HostFixture _host = new();
    readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task Metrics_of_the_grains_the_server_and_the_runtime_are_at_a_port_that_answers_nothing_else()
    {
        var port = FreePort();
        await using var app = await _host.Start($"--Telemetry:PrometheusPort={port}");

        (await _http.GetAsync(new Uri(app.Urls.First()))).Dispose();

        using var response = await _http.GetAsync(Metrics(port));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        foreach (var metric in new[] { "orleans_catalog_activations", "http_server_request_duration_seconds", "dotnet_gc_collections" })
            Assert.Contains(metric, text, StringComparison.Ordinal);
        using var other = await _http.GetAsync(new Uri(Metrics(port), "/health/live"));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        await app.StopAsync();
    }

    [Fact]
    public async Task Where_nobody_asked_for_metrics_none_are_collected()
    {
        await using var app = await _host.Start();

        Assert.Null(app.Services.GetService<MeterProvider>());
        await app.StopAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var line = Assert.Single(await _host.FailToStart($"--Telemetry:PrometheusPort={port}", "--Telemetry:PrometheusHost=127.0.0.1"));

        Assert.StartsWith("Telemetry__PrometheusPort: ", line, StringComparison.Ordinal);
    }

    static Uri Metrics(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}/metrics"));

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
