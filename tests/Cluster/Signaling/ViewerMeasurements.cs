using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using SessionManager.Compare;
using Xunit.Abstractions;

namespace SessionManager.Tests.Signaling;

/// <summary>What a viewer costs the front end that lets it in; its media goes past it. Figures of docs/gateway.md.</summary>
public sealed class ViewerMeasurements(ITestOutputHelper output)
{
    const int First = 200;
    const int Viewers = 5_000;
    const int AtATime = 8;
    const string Answer = "v=0\\r\\no=- 3 4 IN IP4 127.0.0.1\\r\\ns=-\\r\\nm=video 9 UDP/TLS/RTP/SAVPF 96\\r\\na=setup:active\\r\\n";

    static readonly Dictionary<string, string> Settings = new()
    {
        ["Logins__HashIterations"] = "1000",
        ["Gateway__OfferSeconds"] = "3600",
        ["Gateway__NodeMessagesPerSecond"] = "1000000",
    };

    [MeasureFact]
    public async Task Viewers_cost_the_front_end_that_lets_them_in_signaling_only()
    {
        await using var cluster = await LocalCluster.Start(silos: 1, Settings);
        var (at, others) = (cluster.Apis[1], cluster.Apis[0]);
        await using var node = await Streamer.Start(cluster, others);
        var (client, socket) = await node.Connect(await new Roster(cluster).Make(limit: 1), others);
        var started = await Wire.Get<Started>(
            HttpMethod.Post, others, $"{node.Path}/sessions/{client.SessionId}/broadcast", cluster.Demo.NodeKey, new { });
        using var http = new HttpClient { BaseAddress = at };
        var answering = AnswerAll(node, First + Viewers);
        // The first make the process load what it needs for any.
        await Parallel.ForAsync(0, First, Many, async (_, _) => await Watch(http, started));

        var (memory, heap) = (Resident(cluster), await ManagedHeap.AfterCollection(cluster.FrontEnds[1]));
        var busy = Busy(cluster);
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, Viewers, Many, async (_, _) => await Watch(http, started));
        var elapsed = watch.Elapsed.TotalSeconds;
        var cost = (Busy(cluster) - busy).TotalMilliseconds / Viewers;
        await answering;
        var (memoryAfter, heapAfter) = (Resident(cluster), await ManagedHeap.AfterCollection(cluster.FrontEnds[1]));
        output.WriteLine($"{Viewers} viewers let in at {Viewers / elapsed:0} a second; each cost the front end {cost:0.00} ms of processor time");
        output.WriteLine($"while they watch: {(memoryAfter - memory) / 1e3 / Viewers:0.00} KB resident each, {(heapAfter - heap) / 1e3 / Viewers:0.00} KB of managed heap");

        busy = Busy(cluster);
        await Parallel.ForAsync(0, Viewers, Many, async (_, _) => await Status(http, started));
        output.WriteLine($"each look of the watch page at how it stands: {(Busy(cluster) - busy).TotalMilliseconds / Viewers:0.00} ms");
        Assert.Equal(First + Viewers, await Status(http, started));
        socket.Abort();
    }

    static ParallelOptions Many { get; } = new() { MaxDegreeOfParallelism = AtATime };

    static async Task Watch(HttpClient http, Started started)
    {
        using var offer = new StringContent(
            "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n",
            new MediaTypeHeaderValue("application/sdp"));
        using var answer = await http.PostAsync(new Uri($"/broadcasts/{started.BroadcastId}/whep?token={started.SpectatorToken}", UriKind.Relative), offer);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    static async Task<int> Status(HttpClient http, Started started) =>
        (await Wire.Get<Watched>(HttpMethod.Get, http.BaseAddress!, $"/broadcasts/{started.BroadcastId}/status", started.SpectatorToken)).Viewers;

    static async Task AnswerAll(Streamer node, int count)
    {
        for (var answered = 0; answered < count; answered++)
        {
            var viewer = (string)(await node.Hears("viewer_offer"))["viewer_id"]!;
            await node.Channel.Send($$"""{"type":"viewer_answer","viewer_id":"{{viewer}}","sdp":"{{Answer}}"}""");
        }
    }

    static long Resident(LocalCluster cluster)
    {
        using var process = Process.GetProcessById(cluster.FrontEnds[1]);
        return process.WorkingSet64;
    }

    static TimeSpan Busy(LocalCluster cluster)
    {
        using var process = Process.GetProcessById(cluster.FrontEnds[1]);
        return process.TotalProcessorTime;
    }

    sealed record Started(string BroadcastId, string SpectatorToken);

    sealed record Watched(int Viewers);
}
