using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SessionManager.Tests.Telemetry;

/// <summary>What operators are shown is what the processes report.</summary>
[Collection(SharedCluster.Name)]
public sealed partial class TelemetryTests(PlainCluster fixture) : ClusterTest(fixture)
{
    const string Silo = "session-manager-silo";
    const string FrontEnd = "session-manager-api";
    static readonly TimeSpan Reported = TimeSpan.FromSeconds(30);

    /// <summary>Reported from the first failure on, which no test makes on demand.</summary>
    static readonly string[] Failures =
    [
        "orleans_storage_write_errors_total", "orleans_storage_read_errors_total", "orleans_app_requests_timedout_total",
    ];

    [ClusterFact]
    public async Task Boards_and_alerts_ask_for_nothing_that_is_not_reported()
    {
        var account = await Roster.Make(limit: 1);
        Assert.Equal(201, (await Wire.Send(HttpMethod.Post, Cluster.Apis[0], "/credentials", account.Key)).Status);

        var asked = Boards().Concat(Alerts()).SelectMany(PrometheusName.AskedFor).Distinct().Except(Failures).ToArray();
        Assert.InRange(asked.Length, 10, 100);
        string[] missing = asked;
        try
        {
            await Eventually.Holds("all of them are reported", Reported, () =>
            {
                var reported = fixture.Collector.Metrics;
                missing = [.. missing.Where(name => !reported.Contains(name) && !reported.Contains(PrometheusName.Whole(name)))];
                return Task.FromResult(missing.Length == 0);
            });
        }
        finally
        {
            Assert.Empty(missing);
        }
    }

    [ClusterFact]
    public async Task A_callers_trace_runs_from_the_request_through_the_grains_to_the_database()
    {
        var trace = Guid.NewGuid().ToString("N");
        const string caller = "00f067aa0ba902b7";
        var account = await Roster.Make(limit: 1);
        Assert.Equal(201, (await Wire.Send(HttpMethod.Post, Cluster.Apis[0], "/credentials", account.Key, traceParent: $"00-{trace}-{caller}-01")).Status);

        Span[] spans = [];
        await Eventually.Holds("the whole of the trace is reported", Reported, () =>
        {
            spans = [.. fixture.Collector.Spans.Where(span => span.TraceId == trace)];
            return Task.FromResult(spans.Any(span => span.Service == FrontEnd && span.Parent == caller)
                && spans.Any(span => span.Service == Silo && span.Name.Contains("Mint", StringComparison.Ordinal))
                && spans.Any(IsOfTheDatabase));
        });
        // Each hangs on one before it, up to the caller's.
        var known = spans.Select(span => span.SpanId).Append(caller).ToHashSet();
        Assert.All(spans, span => Assert.Contains(span.Parent, known));
    }

    /// <summary>Npgsql calls a span as it does the statement or the database.</summary>
    static bool IsOfTheDatabase(Span span) => span.Service == Silo && !span.Name.Contains('/');

    static IEnumerable<string> Boards() => Directory.GetFiles(Path.Combine(Repository.Root, "deploy", "grafana", "dashboards"), "*.json")
        .Select(file => JsonNode.Parse(File.ReadAllText(file))!)
        .SelectMany(board => board["panels"]!.AsArray())
        .SelectMany(panel => panel!["targets"]?.AsArray() ?? [])
        .Select(target => target!["expr"]!.GetValue<string>());

    /// <summary>The file as a whole: its texts name no metrics.</summary>
    static IEnumerable<string> Alerts() => Expression()
        .Matches(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "prometheus", "alerts.yml")))
        .Select(match => match.Groups[1].Value);

    /// <summary>What stands behind <c>expr:</c>, on its line or on the deeper ones that follow.</summary>
    [GeneratedRegex(@"^ +expr: (?:\|\n)?((?:.*\n)(?: {10,}.*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Expression();
}
