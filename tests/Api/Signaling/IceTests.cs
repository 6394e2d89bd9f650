using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SessionManager.Tests.Signaling;

/// <summary><c>/signaling/config</c>, <c>/config</c> and the STUN responder.</summary>
public class IceTests
{
    [Theory]
    [InlineData("/signaling/config")]
    [InlineData("/config")]
    public async Task Anyone_on_any_page_is_told_of_a_STUN_server_that_answers(string path)
    {
        var server = await TestServer.OnSqlite();
        using var response = await new TestCaller(server.Http, null).Send(HttpMethod.Get, path, null, ("Origin", "https://app.example.com"));
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Equal("no-store", response.Header("Cache-Control"));
        var url = Assert.Single((await Servers(response))[0]!["urls"]!.AsArray())!.GetValue<string>();
        Assert.StartsWith("stun:127.0.0.1:", url, StringComparison.Ordinal);
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        udp.Connect(IPAddress.Loopback, int.Parse(url.Split(':')[2], null));
        await udp.SendAsync(BindingRequest);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var answer = (await udp.ReceiveAsync(late.Token)).Buffer;
        Assert.Equal(0x0101, answer[0] << 8 | answer[1]);
        Assert.Equal(BindingRequest[4..20], answer[4..20]);
        Assert.Equal(((IPEndPoint)udp.Client.LocalEndPoint!).Port, (answer[26] ^ 0x21) << 8 | answer[27] ^ 0x12);
    }

    [Fact]
    public async Task A_STUN_client_that_asks_too_often_is_not_answered()
    {
        await using var server = await TestServer.Start(settings: "--Stun:RequestsPerSecond=1");
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        udp.Connect(IPAddress.Loopback, await StunPort(server));
        for (var sent = 0; sent < 100; sent++)
            await udp.SendAsync(BindingRequest);
        // They are answered in order: an answer to another one, in a later second, comes after all of theirs.
        byte[] other = [.. BindingRequest[..^1], 99];
        var answers = 0;
        while (true)
        {
            await udp.SendAsync(other);
            if (!udp.Client.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
                continue;
            if ((await udp.ReceiveAsync()).Buffer[19] == 99)
                break;
            answers++;
        }

        Assert.InRange(answers, 1, 50);
    }

    [Fact]
    public async Task Configured_servers_come_besides_and_a_relays_credentials_live_for_a_while()
    {
        await using var server = await TestServer.Start(settings:
        [
            "--Ice:Urls=stun:stun.example.com:3478, turn:turn.example.com:3478?transport=udp", "--Ice:TurnSecret=north", "--Ice:TurnSeconds=600",
        ]);
        var servers = await Servers(await server.Http.GetAsync(new Uri("/config", UriKind.Relative)));
        Assert.Equal(3, servers.Count);
        Assert.Equal("stun:stun.example.com:3478", (string?)servers[1]!["urls"]![0]);
        Assert.Null(servers[1]!["username"]);
        Assert.Equal("turn:turn.example.com:3478?transport=udp", (string?)servers[2]!["urls"]![0]);
        var username = servers[2]!["username"]!.GetValue<string>();
        Assert.StartsWith("ice_", username.Split(':')[1], StringComparison.Ordinal);
        Assert.InRange(
            long.Parse(username.Split(':')[0], null), server.Time.GetUtcNow().ToUnixTimeSeconds() + 500, server.Time.GetUtcNow().ToUnixTimeSeconds() + 600);
        Assert.Equal(
#pragma warning disable CA5350 // TURN has its credentials by HMAC-SHA1.
            Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes("north"), Encoding.UTF8.GetBytes(username))),
#pragma warning restore CA5350
            (string?)servers[2]!["credential"]);

        await using var stream = await StreamStage.Start(server);
        var session = await stream.Mint();
        var named = await Servers(await new TestCaller(server.Http, session.Token).Get("/signaling/config"));
        Assert.Equal(session.Id, named[2]!["username"]!.GetValue<string>().Split(':')[1]);
        var nobody = await Servers(await new TestCaller(server.Http, session.Token + "x").Get("/signaling/config"));
        Assert.StartsWith("ice_", nobody[2]!["username"]!.GetValue<string>().Split(':')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_responder_the_configured_servers_are_all_there_is()
    {
        await using var server = await TestServer.Start(settings: ["--Stun:Enabled=false", "--Ice:Urls=stun:stun.example.com:3478"]);
        var only = Assert.Single(await Servers(await server.Http.GetAsync(new Uri("/config", UriKind.Relative))));
        Assert.Equal("stun:stun.example.com:3478", (string?)only!["urls"]![0]);
    }

    [Fact]
    public async Task Behind_a_proxy_clients_are_told_what_leads_to_the_responder()
    {
        await using var server = await TestServer.Start(settings: "--Stun:PublicUrl=stun:edge.example.com:3478");
        var only = Assert.Single(await Servers(await server.Http.GetAsync(new Uri("/config", UriKind.Relative))));
        Assert.Equal("stun:edge.example.com:3478", (string?)only!["urls"]![0]);
    }

    static readonly byte[] BindingRequest =
        [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    static async Task<int> StunPort(TestServer server)
    {
        var servers = await Servers(await server.Http.GetAsync(new Uri("/config", UriKind.Relative)));
        return int.Parse(servers[0]!["urls"]![0]!.GetValue<string>().Split(':')[2], null);
    }

    static async Task<JsonArray> Servers(HttpResponseMessage response) =>
        (await Task.FromResult(response).Json())["iceServers"]!.AsArray();
}
