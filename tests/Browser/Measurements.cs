using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>A measurement for docs/gateway.md; made only when asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class BrowserMeasureFactAttribute : FactAttribute
{
    public BrowserMeasureFactAttribute() => Skip = new BrowserFactAttribute().Skip
        ?? (Environment.GetEnvironmentVariable("CLUSTER_MEASURE") == "1" ? null : "a measurement; asked for with CLUSTER_MEASURE=1");
}

/// <summary>How long a person waits, and what a viewer costs the sample streamer.</summary>
[Collection(Stage.Name)]
public sealed class Measurements(Stage stage, ITestOutputHelper output)
{
    const int Times = 10;
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    [BrowserMeasureFact]
    public async Task From_a_click_to_the_first_picture()
    {
        var page = await stage.Browser.NewPageAsync();
        await page.GotoAsync(new Uri(stage.Server.Address, "demo").ToString());
        var waited = new List<double>();
        // The first makes everyone load what they need for any.
        for (var time = 0; time <= Times; time++)
        {
            await page.FillAsync("#key", stage.Server.ApiKey);
            await page.ClickAsync("#enter .main");
            var shown = await Eventually.Get(() => page.InnerTextAsync("#first"), text => text.EndsWith("ms", StringComparison.Ordinal));
            if (time > 0)
                waited.Add(double.Parse(shown.Split(' ')[0], CultureInfo.InvariantCulture));
            await page.EvaluateAsync("document.getElementById('first').textContent = ''");
            await page.ClickAsync("button.leave:visible");
        }

        Tell("click to first decoded frame", waited);
        await page.CloseAsync();
    }

    [BrowserMeasureFact]
    public async Task From_connectToStream_to_the_viewers_first_picture_and_what_viewers_cost()
    {
        const string Region = "measured";
        using var streamer = await StreamerProcess.Start(stage.Server, "measured-node", Region, ("MAX_VIEWERS", "20"));
        var driver = await stage.Open();
        await driver.Connect(await stage.Client.Credentials.CreateAsync(new() { RegionLatencies = new Dictionary<string, double> { [Region] = 1 } }));
        var ready = await driver.Call<JsonElement>("share('A mountain lake')");
        var broadcast = new[] { ready.GetProperty("webrtcUrl").GetString()!, ready.GetProperty("spectatorToken").GetString()! };
        var viewer = await stage.Open();
        var waited = new List<double>();
        for (var time = 0; time <= Times; time++)
        {
            var took = await viewer.Page.EvaluateAsync<double>(
                """
                async ([webrtcUrl, spectatorToken]) => {
                  const start = performance.now();
                  await watch({ webrtcUrl, spectatorToken });
                  await new Promise(done => document.querySelector('video').requestVideoFrameCallback(done));
                  return performance.now() - start;
                }
                """,
                broadcast);
            if (time > 0)
                waited.Add(took);
            await viewer.Call<object?>("watching.disconnect()");
        }

        Tell("connectToStream to first decoded frame", waited);
        foreach (var viewers in new[] { 0, 1, 2, 2 })
        {
            if (viewers > 0)
                await viewer.Page.EvaluateAsync(
                    "([count, webrtcUrl, spectatorToken]) => watchMany(+count, { webrtcUrl, spectatorToken })",
                    new[] { $"{viewers}", broadcast[0], broadcast[1] });
            var (busy, server) = (Busy(streamer.Id), Busy(stage.Server.Id));
            var watch = Stopwatch.StartNew();
            await Task.Delay(Turn);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{viewers} more viewers: streamer {(Busy(streamer.Id) - busy) / watch.Elapsed:0.0%} of a core, server {(Busy(stage.Server.Id) - server) / watch.Elapsed:0.0%}"));
        }

        await viewer.Page.CloseAsync();
        await driver.Page.CloseAsync();
    }

    static TimeSpan Busy(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    void Tell(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: median {milliseconds[milliseconds.Count / 2]:0} ms of {milliseconds.Count}, {milliseconds[0]:0} to {milliseconds[^1]:0}"));
    }
}
