using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using SessionManager.Compare;
using Xunit.Abstractions;

namespace SessionManager.Tests.Signaling;

/// <summary>The figures of docs/gateway.md, made again by its commands.</summary>
public sealed class GatewayMeasurements(ITestOutputHelper output)
{
    const int Clients = 1_000;
    const int Cut = 500;
    const int Talking = 100;
    const int SessionIdAt = 15;
    const int SessionIdLength = 30;
    static readonly TimeSpan Warm = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    static readonly Dictionary<string, string> Settings = new()
    {
        ["Accounts__RequestsPerMinute"] = "100000000",
        ["Logins__HashIterations"] = "1000",
        ["Gateway__OfferSeconds"] = "3600",
        ["Gateway__MessagesPerSecond"] = "1000000",
        ["Gateway__MessageBurst"] = "1000000",
        ["Gateway__NodeMessagesPerSecond"] = "1000000",
    };

    [MeasureFact]
    public async Task Idle_clients_cost_little_memory_and_those_that_are_cut_off_are_noticed_in_30_seconds()
    {
        await using var cluster = await LocalCluster.Start(silos: 1, Settings);
        // What mints, and has the node's channel, is the other one.
        var (at, others) = (cluster.Apis[1], cluster.Apis[0]);
        await using var node = await Streamer.Start(cluster, others, Clients + 1);
        var account = await new Roster(cluster).Make(limit: Clients + 1);
        // The first makes the process load what it needs for any.
        var (_, first) = await node.Connect(account, at);
        var (before, heapBefore) = (Memory(cluster.FrontEnds[1]), await ManagedHeap.AfterCollection(cluster.FrontEnds[1]));
        var clients = new ConcurrentBag<RawClient>();
        var watch = new Stopwatch();
        var listening = Listen(node, watch);
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            var client = await node.Mint(account, at);
            var socket = await RawClient.Open(client.At, $"/signaling/client/{client.SessionId}?token={client.Token}");
            _ = socket.AnswerPings();
            clients.Add(socket);
        });
        // Long enough for pings to come and go.
        await Task.Delay(TimeSpan.FromSeconds(15));
        var (after, heapAfter) = (Memory(cluster.FrontEnds[1]), await ManagedHeap.AfterCollection(cluster.FrontEnds[1]));
        output.WriteLine($"{before / 1e6:0.0} MB before, {after / 1e6:0.0} MB with {Clients} idle clients: {(after - before) / Clients / 1e3:0.0} KB each, {(heapAfter - heapBefore) / Clients / 1e3:0.0} KB of managed heap after a collection");

        watch.Start();
        foreach (var client in clients.Take(Cut))
            client.FallSilent();
        var times = await listening;
        output.WriteLine($"{Cut} cut off: the first noticed after {times[0]:0.0} s, half after {times[Cut / 2]:0.0} s, the last after {times[^1]:0.0} s");
        foreach (var client in clients)
            client.Dispose();
        await first.DisposeAsync();
        Assert.InRange(times[^1], 0, 30);
    }

    /// <returns>When each was missed. A node that read nothing meanwhile would be cut itself.</returns>
    static async Task<List<double>> Listen(Streamer node, Stopwatch watch)
    {
        for (var announced = 0; announced < Clients; announced++)
            await node.Hears("client_connected");
        var times = new List<double>();
        while (times.Count < Cut)
        {
            await node.Hears("client_disconnected");
            times.Add(watch.Elapsed.TotalSeconds);
        }

        return times;
    }

    [MeasureFact]
    public async Task Messages_are_relayed_within_one_front_end_and_across_two()
    {
        await using var cluster = await LocalCluster.Start(silos: 1, Settings);
        var account = await new Roster(cluster).Make(limit: 2 * Talking);
        output.WriteLine($"One front end: {await Relay(cluster, account, cluster.Apis[0]):0} messages/s");
        output.WriteLine($"Across two: {await Relay(cluster, account, cluster.Apis[1]):0} messages/s");
    }

    /// <returns>Messages a second, both ways: each client answers what it is told, and is then told the next.</returns>
    static async Task<double> Relay(LocalCluster cluster, Account account, Uri channel)
    {
        await using var node = await Streamer.Start(cluster, channel, Talking);
        var sockets = new List<TestSocket>();
        var relayed = 0L;
        var words = new Dictionary<string, byte[]>();
        for (var index = 0; index < Talking; index++)
        {
            var (client, socket) = await node.Connect(account, cluster.Apis[0]);
            sockets.Add(socket);
            words[client.SessionId] = Encoding.UTF8.GetBytes(
                $$$"""{"session_id":"{{{client.SessionId}}}","message":{"type":"ice_candidate","candidate":"candidate:1 1 udp 2113937151 192.0.2.1 54321 typ host","sdpMid":"0","sdpMLineIndex":0}}""");
        }

        var over = false;
        var answers = sockets.Select(Answer).ToArray();
        foreach (var word in words.Values)
            await node.Channel.Send(word);
        var (start, counted) = (0L, 0L);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Warm + Turn)
        {
            var answer = await node.Channel.ReceiveBytes();
            relayed++;
            if (start == 0 && watch.Elapsed >= Warm)
                (start, counted) = (watch.ElapsedMilliseconds, relayed);
            await node.Channel.Send(words[Encoding.ASCII.GetString(answer, SessionIdAt, SessionIdLength)]);
        }

        var rate = 2 * (relayed - counted) / ((watch.ElapsedMilliseconds - start) / 1e3);
        Volatile.Write(ref over, true);
        foreach (var socket in sockets)
            socket.Abort();
        await Task.WhenAll(answers);
        return rate;

        async Task Answer(TestSocket client)
        {
            var answer = Encoding.UTF8.GetBytes("""{"type":"ice_candidate","candidate":"candidate:1 1 udp 2113937151 192.0.2.2 54321 typ host","sdpMid":"0","sdpMLineIndex":0}""");
            try
            {
                while (await client.ReceiveUntilEnd() is not null)
                    await client.Send(answer);
            }
            catch (Exception) when (Volatile.Read(ref over))
            {
            }
        }
    }

    /// <summary>Resident bytes.</summary>
    static long Memory(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }
}
