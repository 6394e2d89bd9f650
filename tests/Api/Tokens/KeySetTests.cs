using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using SessionManager.Signing;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Tokens;

/// <summary><c>GET /.well-known/jwks.json</c></summary>
public class KeySetTests
{
    static readonly Uri KeySet = new("/.well-known/jwks.json", UriKind.Relative);

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Anyone_can_check_a_token_with_the_published_keys_alone(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var token = await server.Tokens.ForSession("usr_a", "ses_b", server.Time.GetUtcNow(), server.Time.GetUtcNow().AddSeconds(600));
        var keys = (await server.Http.GetAsync(KeySet).Json())["keys"]!.AsArray();

        var key = keys.Single(key => key!.AsObject().Text("kid") == Answers.Part(token, 0).Text("kid"))!.AsObject();
        Assert.Equal("EC", key.Text("kty"));
        Assert.Equal("P-256", key.Text("crv"));
        Assert.Equal("ES256", key.Text("alg"));
        Assert.Equal("sig", key.Text("use"));
        using var verifier = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = { X = Base64UrlEncoder.DecodeBytes(key.Text("x")), Y = Base64UrlEncoder.DecodeBytes(key.Text("y")) },
        });
        var cut = token.LastIndexOf('.');
        Assert.True(verifier.VerifyData(
            Encoding.ASCII.GetBytes(token[..cut]), Base64UrlEncoder.DecodeBytes(token[(cut + 1)..]), HashAlgorithmName.SHA256));
    }

    [Fact]
    public async Task The_private_half_of_no_key_is_shown()
    {
        var server = await TestServer.OnSqlite();
        var keys = (await server.Http.GetAsync(KeySet).Json())["keys"]!.AsArray();
        Assert.All(keys, key => Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key!.AsObject().Select(m => m.Key).Order()));
    }

    [Fact]
    public async Task The_key_set_can_be_cached_and_asked_for_again_cheaply()
    {
        var server = await TestServer.OnSqlite();
        using var first = await server.Http.GetAsync(KeySet);
        Assert.Equal("public, max-age=300", first.Header("Cache-Control"));

        using var again = new HttpRequestMessage(HttpMethod.Get, KeySet);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var unchanged = await server.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Empty(await unchanged.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_rotation_publishes_the_new_key_before_it_signs_and_the_old_one_after()
    {
        await using var server = await TestServer.Start();
        var caller = await (await TestAccount.Open(server)).WithLogin();
        var before = Answers.Part(caller.Credential!, 0).Text("kid");
        await server.Grains.GetGrain<ISigningKeysGrain>(ISigningKeysGrain.Key).Rotate();

        server.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(2, (await Kids(server)).Length);
        Assert.Equal(before, Answers.Part(await server.Tokens.ForLogin("usr_a", 0), 0).Text("kid"));

        server.Time.Advance(TimeSpan.FromMinutes(55));
        var after = Answers.Part(await server.Tokens.ForLogin("usr_a", 0), 0).Text("kid");
        Assert.NotEqual(before, after);
        Assert.Equal([.. new[] { after, before }.Order()], (await Kids(server)).Order());
    }

    [Fact]
    public async Task A_token_of_a_key_this_process_has_not_heard_of_makes_it_ask_once()
    {
        await using var server = await TestServer.Start(settings: ["--Signing:PublishSeconds", "1"]);
        var account = await TestAccount.Open(server);
        await (await account.WithLogin()).Get("/regions").Json();

        // Another process rotated and signs with the new key, while this one's copy is still good.
        var grain = server.Grains.GetGrain<ISigningKeysGrain>(ISigningKeysGrain.Key);
        await grain.Rotate();
        server.Time.Advance(TimeSpan.FromSeconds(6));
        var signer = (await grain.Get()).Keys[0];
        Assert.DoesNotContain(signer.KeyId, await Kids(server));

        var claims = Answers.Claims(await account.Login());
        await new TestCaller(server.Http, Sign(signer, claims)).Get("/regions").Json();
        Assert.Contains(signer.KeyId, await Kids(server));
    }

    static string Sign(SigningKey key, JsonObject claims)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(key.PrivateKey.AsSpan(), out _);
        var header = $$"""{"alg":"ES256","kid":"{{key.KeyId}}","typ":"at+jwt"}""";
        var signed = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(claims.ToJsonString())}";
        return $"{signed}.{Base64UrlEncoder.Encode(ecdsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    static async Task<string[]> Kids(TestServer server) =>
        [.. (await server.Http.GetAsync(KeySet).Json())["keys"]!.AsArray().Select(key => key!.AsObject().Text("kid"))];
}
