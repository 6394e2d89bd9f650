using System.ComponentModel.DataAnnotations;

namespace SessionManager.Telemetry;

/// <summary>What the <c>OTEL_…</c> variables of the OpenTelemetry specification do not say. Section <c>Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// Where Prometheus may scrape <c>/metrics</c>: a port of its own, which answers nothing else; null: nowhere. Whoever reaches
    /// the port may read them.
    /// </summary>
    [Range(1, 65_535)] public int? PrometheusPort { get; set; }

    /// <summary>The name or address by which that port is reached. <c>localhost</c>; <c>*</c>: every address of the machine.</summary>
    public string PrometheusHost { get; set; } = "localhost";
}
