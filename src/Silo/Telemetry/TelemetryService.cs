using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SessionManager.Clustering;

namespace SessionManager.Telemetry;

/// <summary>
/// Metrics and traces over OTLP, as the <c>OTEL_…</c> variables of the OpenTelemetry specification say; nothing is collected
/// without an endpoint. All sources are those of the framework, Orleans and the database driver.
/// </summary>
sealed class TelemetryService(string name, bool metrics, bool traces) : IHostedService, IDisposable
{
    MeterProvider? meters;
    TracerProvider? tracers;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A name of the operator's own (OTEL_SERVICE_NAME) comes last and stays.
        var resource = ResourceBuilder.CreateEmpty()
            .AddService(name, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}")
            .AddEnvironmentVariableDetector();
        if (metrics)
            meters = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans", "Npgsql", "System.Runtime")
                .AddOtlpExporter()
                .Build();
        if (traces)
            tracers = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource("Microsoft.AspNetCore", "Microsoft.Orleans.Application", "Npgsql")
                .AddOtlpExporter()
                .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what has been collected last, when everything that it tells of has stopped.</summary>
    public void Dispose()
    {
        meters?.Dispose();
        tracers?.Dispose();
    }
}

static class TelemetryServices
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration, ClusterRole role)
    {
        var metrics = IsGiven(configuration, Endpoint, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        var traces = IsGiven(configuration, Endpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        var name = role == ClusterRole.Silo ? "session-manager-silo" : "session-manager-api";
        if (metrics || traces)
            services.AddHostedService(_ => new TelemetryService(name, metrics, traces));
    }

    static bool IsGiven(IConfiguration configuration, params string[] names) =>
        names.Any(name => !string.IsNullOrEmpty(configuration[name]));
}
