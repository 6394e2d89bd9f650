using System.Collections.Concurrent;

namespace SessionManager.Tests.Signaling;

public class ManySocketsTests
{
    const int Clients = 1_000;

    /// <summary>Longer than all of it takes: a client that gave up would be missed as one that is cut off.</summary>
    static readonly TimeSpan ToTheEnd = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Of_a_thousand_idle_clients_the_five_hundred_that_are_cut_off_are_missed_and_no_other()
    {
        await using var server = await TestServer.Start(settings:
        [
            "--Gateway:PingSeconds=5", "--Gateway:SilenceSeconds=25", "--Gateway:OfferSeconds=3600", "--Nodes:LeaseSeconds=3600",
        ]);
        await using var stream = await StreamStage.Start(server, capacity: Clients);
        var (there, cut) = (new ConcurrentDictionary<string, TestSocket>(), new ConcurrentDictionary<string, RawClient>());
        var news = Task.Run(async () =>
        {
            var missed = new HashSet<string>();
            while (missed.Count < Clients / 2)
                missed.Add((await stream.Channel.ReceiveType("client_disconnected")).Text("session_id"));
            return missed;
        });
        var hearing = new ConcurrentBag<Task<bool>>();
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, _) =>
        {
            var session = await stream.Mint();
            if (index % 2 == 0)
            {
                cut[session.Id] = await RawClient.Open(server.Address, session.Path);
                return;
            }

            there[session.Id] = await session.Connect();
            hearing.Add(Hears(there[session.Id]));
        });

        Assert.Equal(cut.Keys.Order(), (await news).Order());
        // The others are where they were, every one of them.
        foreach (var sessionId in there.Keys)
            await stream.Channel.Send($$$"""{"session_id":"{{{sessionId}}}","message":{"type":"offer","sdp":"x"}}""");
        Assert.All(await Task.WhenAll(hearing), Assert.True);
        foreach (var socket in there.Values)
            await socket.DisposeAsync();
        foreach (var socket in cut.Values)
            socket.Dispose();
    }

    static async Task<bool> Hears(TestSocket client) => (string?)(await client.ReceiveJson(ToTheEnd))["type"] == "offer";
}
