using System.Text.RegularExpressions;

namespace SessionManager.Tests.Telemetry;

/// <summary>
/// A metric's name as Prometheus stores it when it comes over OTLP: letters, digits and underscores, the unit in words, and
/// <c>_total</c> for what only grows.
/// </summary>
static partial class PrometheusName
{
    static readonly Dictionary<string, string> Words = new()
    {
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["By"] = "bytes",
        ["MiBy"] = "mebibytes",
        ["1"] = "",
    };

    public static string Of(Metric metric)
    {
        var name = NoLetter().Replace(metric.Name, "_");
        // A unit in braces is a remark and no unit.
        var unit = metric.Unit.StartsWith('{') ? "" : Words.GetValueOrDefault(metric.Unit, metric.Unit);
        if (unit.Length > 0 && !name.EndsWith($"_{unit}", StringComparison.Ordinal))
            name = $"{name}_{unit}";
        return metric.Kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? $"{name}_total" : name;
    }

    /// <summary>The names of the metrics in a query; of a histogram, with the suffix of the part that is asked for.</summary>
    public static IEnumerable<string> AskedFor(string query) =>
        Asked().Matches(NoMetric().Replace(query, " ")).Select(match => match.Value).Distinct();

    /// <summary>What a histogram's part belongs to.</summary>
    public static string Whole(string part) => Part().Replace(part, "");

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NoLetter();

    /// <summary>Selectors, ranges and lists of labels.</summary>
    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\bby\s*\([^)]*\)")]
    private static partial Regex NoMetric();

    /// <summary>A function, unlike a metric, is followed by a parenthesis.</summary>
    [GeneratedRegex(@"\b[a-z]+(_[a-z]+)+\b(?!\s*\()")]
    private static partial Regex Asked();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Part();
}
