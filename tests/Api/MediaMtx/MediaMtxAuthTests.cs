using System.Net;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Broadcasts;

namespace SessionManager.Tests.MediaMtx;

/// <summary>
/// What a MediaMTX asks and takes, by its documentation (features, "Authentication") and its source (<c>internal/auth/manager.go</c>). None
/// runs here: these tests say what it says.
/// </summary>
public class MediaMtxAuthTests
{
    [Theory]
    [InlineData("token", "read", "webrtc")]
    [InlineData("password", "read", "rtsp")]
    [InlineData("query", "read", "hls")]
    [InlineData("token", "playback", "")]
    public async Task A_viewer_reads_its_broadcast_wherever_its_token_is(string where, string action, string protocol)
    {
        await using var broadcast = await TestBroadcast.Start();
        var asked = Ask(broadcast, action, protocol);
        asked[where] = where == "query" ? $"token={broadcast.Token}&x=1" : broadcast.Token;
        await IsLetIn(broadcast, asked);
    }

    [Fact]
    public async Task MediaMTX_is_told_401_for_all_that_is_neither_watching_nor_publishing_with_a_good_credential()
    {
        await using var broadcast = await TestBroadcast.Start();
        await using var other = await TestBroadcast.Start();
        var login = await (await TestAccount.Open(broadcast.Stream.Server, admin: true)).Login();
        (string Member, string Value)[] wrong =
        [
            // As RTSP clients come first: MediaMTX then asks them for a credential.
            ("token", ""),
            ("token", other.Token),
            ("token", broadcast.Session.Token),
            ("token", broadcast.Owner.Credential!),
            ("token", broadcast.Stream.Node.Caller.Credential!),
            ("token", login),
            ("token", broadcast.Token[..^2]),
            ("user", broadcast.Token),
            ("query", $"jwt={broadcast.Token}"),
            ("query", $"token={broadcast.Token}&token={broadcast.Token}"),
        ];
        foreach (var (member, value) in wrong)
        {
            var asked = Ask(broadcast, "read", "webrtc");
            asked[member] = value;
            await IsRefused(broadcast, asked);
        }

        foreach (var action in new[] { "publish", "api", "metrics", "pprof", "", "READ" })
        {
            var asked = Ask(broadcast, action, "webrtc");
            asked["token"] = broadcast.Token;
            await IsRefused(broadcast, asked);
        }

        foreach (var path in new[] { "", broadcast.Id, $"broadcasts/{broadcast.Id}/", $"broadcasts/{other.Id}", $"/broadcasts/{broadcast.Id}", "~.*" })
        {
            var asked = Ask(broadcast, "read", "webrtc");
            (asked["token"], asked["path"]) = (broadcast.Token, path);
            await IsRefused(broadcast, asked);
        }

        await IsRefused(broadcast, new JsonObject());
    }

    [Fact]
    public async Task MediaMTX_is_told_401_for_a_token_whose_broadcast_is_over()
    {
        await using var broadcast = await TestBroadcast.Start();
        var asked = Ask(broadcast, "read", "hls");
        asked["token"] = broadcast.Token;
        await IsLetIn(broadcast, asked);
        await broadcast.Owner.Delete($"/api/broadcasts/{broadcast.Id}").Json();
        await IsRefused(broadcast, asked);

        var publishing = Ask(broadcast, "publish", "rtsp");
        publishing["password"] = broadcast.Stream.Node.Caller.Credential;
        await IsRefused(broadcast, publishing);
    }

    [Fact]
    public async Task Only_a_key_of_the_broadcasts_node_publishes_it()
    {
        await using var broadcast = await TestBroadcast.Start();
        var server = broadcast.Stream.Server;
        var key = broadcast.Stream.Node.Caller.Credential!;
        foreach (var member in new[] { "token", "password" })
        {
            var asked = Ask(broadcast, "publish", "rtsp");
            asked[member] = key;
            await IsLetIn(broadcast, asked);
        }

        var stranger = await TestNode.Register(server);
        var admin = await TestAccount.Open(server, admin: true);
        foreach (var credential in new[] { stranger.Caller.Credential!, await admin.Key([.. Scopes.All]), await admin.Login(), broadcast.Owner.Credential! })
        {
            var asked = Ask(broadcast, "publish", "rtsp");
            asked["password"] = credential;
            await IsRefused(broadcast, asked);
        }

        var elsewhere = Ask(broadcast, "publish", "rtsp");
        (elsewhere["password"], elsewhere["path"]) = (key, BroadcastIds.PathOf(BroadcastIds.Random(TestServer.Random)));
        await IsRefused(broadcast, elsewhere);
        var inQuery = Ask(broadcast, "publish", "webrtc");
        inQuery["query"] = $"token={key}";
        await IsRefused(broadcast, inQuery);
    }

    [Fact]
    public async Task A_member_that_a_later_MediaMTX_adds_is_ignored_and_what_is_no_request_is_not_let_in()
    {
        await using var broadcast = await TestBroadcast.Start();
        var asked = Ask(broadcast, "read", "webrtc");
        (asked["token"], asked["later"]) = (broadcast.Token, new JsonObject { ["a"] = 1 });
        await IsLetIn(broadcast, asked);
        await new TestCaller(broadcast.Stream.Server.Http, null).Post("/mediamtx/auth", "[]").Problem(ErrorCatalogue.MalformedRequest);
    }

    /// <summary><c>authMethod: jwt</c>: by the key of the set that the token names, its issuer, its audience, and its permissions.</summary>
    [Fact]
    public async Task With_this_servers_key_set_a_MediaMTX_takes_a_spectator_token_for_its_path_and_no_other_token()
    {
        await using var broadcast = await TestBroadcast.Start();
        var server = broadcast.Stream.Server;
        var keys = new JsonWebKeySet(await server.Http.GetStringAsync(new Uri("/.well-known/jwks.json", UriKind.Relative)));
        Assert.True(await Takes(keys, broadcast.Token, "read", $"broadcasts/{broadcast.Id}"));
        Assert.False(await Takes(keys, broadcast.Token, "read", "broadcasts/other"));
        Assert.False(await Takes(keys, broadcast.Token, "publish", $"broadcasts/{broadcast.Id}"));
        Assert.False(await Takes(keys, broadcast.Session.Token, "read", $"broadcasts/{broadcast.Id}"));
        Assert.False(await Takes(keys, await (await TestAccount.Open(server, admin: true)).Login(), "read", $"broadcasts/{broadcast.Id}"));
    }

    static async Task<bool> Takes(JsonWebKeySet keys, string token, string action, string path)
    {
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.Keys,
            TryAllIssuerSigningKeys = false,
            ValidIssuer = "session-manager",
            ValidAudience = "session-manager/broadcast",
        });
        return result.IsValid && (Answers.Claims(token)["mediamtx_permissions"]?.AsArray() ?? []).Any(permission =>
            (string?)permission!["action"] == action && (string?)permission["path"] == path);
    }

    /// <summary>All members, as MediaMTX writes them.</summary>
    static JsonObject Ask(TestBroadcast broadcast, string action, string protocol) => new()
    {
        ["ip"] = "203.0.113.7",
        ["user"] = "",
        ["password"] = "",
        ["token"] = "",
        ["action"] = action,
        ["path"] = $"broadcasts/{broadcast.Id}",
        ["protocol"] = protocol,
        ["id"] = protocol.Length == 0 ? null : "6f2b7a53-0c7c-4b0e-9a55-6d3c2b1a0f00",
        ["query"] = "",
        ["userAgent"] = "Mozilla/5.0",
    };

    static async Task IsLetIn(TestBroadcast broadcast, JsonObject asked)
    {
        using var response = await new TestCaller(broadcast.Stream.Server.Http, null).Post("/mediamtx/auth", asked.ToJsonString());
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode}: {asked}");
    }

    static async Task IsRefused(TestBroadcast broadcast, JsonObject asked)
    {
        using var response = await new TestCaller(broadcast.Stream.Server.Http, null).Post("/mediamtx/auth", asked.ToJsonString());
        Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{(int)response.StatusCode}: {asked}");
    }
}
