using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SessionManager.Clustering;
using SessionManager.Storage;

namespace SessionManager.Telemetry;

/// <summary>
/// Metrics and traces over OTLP, as the <c>OTEL_…</c> variables of the OpenTelemetry specification say, and metrics for Prometheus
/// to scrape. Without either nothing is collected.
/// </summary>
static class TelemetryServices
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(
        this IServiceCollection services, IConfiguration configuration, TelemetryOptions options, ClusterRole role)
    {
        var pushesMetrics = IsGiven(configuration, Endpoint, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        var pushesTraces = IsGiven(configuration, Endpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => Name(resource, role));
        if (pushesMetrics || options.PrometheusPort is not null)
            telemetry.WithMetrics(metrics =>
            {
                metrics.AddAspNetCoreInstrumentation()
                    .AddRuntimeInstrumentation()
                    .AddNpgsqlInstrumentation()
                    .AddMeter("Microsoft.Orleans");
                if (pushesMetrics)
                    metrics.AddOtlpExporter();
                if (options.PrometheusPort is { } port)
                    metrics.AddPrometheusHttpListener(listener => (listener.Host, listener.Port) = (options.PrometheusHost, port));
            });
        if (pushesTraces)
            telemetry.WithTracing(traces => traces
                .AddAspNetCoreInstrumentation()
                .AddNpgsql()
                .AddSource(StorageTracing.SourceName)
                .AddSource("Microsoft.Orleans.Application")
                .AddOtlpExporter());
    }

    /// <summary>A name of the operator's own (OTEL_SERVICE_NAME) comes last and stays.</summary>
    static void Name(ResourceBuilder resource, ClusterRole role) => resource
        .Clear()
        .AddService(
            role == ClusterRole.Silo ? "session-manager-silo" : "session-manager-api",
            serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}")
        .AddEnvironmentVariableDetector();

    static bool IsGiven(IConfiguration configuration, params string[] names) =>
        names.Any(name => !string.IsNullOrEmpty(configuration[name]));
}
