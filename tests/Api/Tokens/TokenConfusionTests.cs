using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using SessionManager.Errors;
using SessionManager.Signing;

namespace SessionManager.Tests.Tokens;

/// <summary>
/// A login with one thing wrong each, signed as well as can be: with the server's own key wherever the attack leaves it the
/// choice. The same token with nothing wrong is let in.
/// </summary>
public class TokenConfusionTests
{
    public static TheoryData<string> Attacks => new(Variants.Keys);

    static readonly Dictionary<string, Action<Forgery>> Variants = new()
    {
        ["alg none, unsigned"] = token => { token.Header["alg"] = "none"; token.Sign = _ => []; },
        ["alg None, unsigned"] = token => { token.Header["alg"] = "None"; token.Sign = _ => []; },
        ["no alg"] = token => token.Header.Remove("alg"),
        ["alg HS256 keyed with the public key"] = token => { token.Header["alg"] = "HS256"; token.Sign = token.Hmac; },
        ["alg ES384"] = token => token.Header["alg"] = "ES384",
        ["alg RS256"] = token => token.Header["alg"] = "RS256",
        ["alg es256 in lowercase"] = token => token.Header["alg"] = "es256",
        ["no signature"] = token => token.Sign = _ => [],
        ["a signature of zeros"] = token => token.Sign = _ => new byte[64],
        ["a signature in DER"] = token => token.Sign = data =>
            token.Key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
        ["another key under the server's kid"] = token =>
        {
            using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var secret = other.ExportParameters(true);
            token.Sign = data => ECDsa.Create(secret).SignData(data, HashAlgorithmName.SHA256);
        },
        ["an unknown kid"] = token => token.Header["kid"] = "someone-elses",
        ["no kid"] = token => token.Header.Remove("kid"),
        ["a key of its own in the header"] = token =>
        {
            var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var point = own.ExportParameters(false).Q;
            token.Header["jwk"] = new JsonObject
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["x"] = Base64UrlEncoder.Encode(point.X),
                ["y"] = Base64UrlEncoder.Encode(point.Y),
            };
            token.Header.Remove("kid");
            token.Sign = data => own.SignData(data, HashAlgorithmName.SHA256);
        },
        ["typ JWT"] = token => token.Header["typ"] = "JWT",
        ["typ session+jwt"] = token => token.Header["typ"] = "session+jwt",
        ["typ spectator+jwt"] = token => token.Header["typ"] = "spectator+jwt",
        ["no typ"] = token => token.Header.Remove("typ"),
        ["another audience"] = token => token.Claims["aud"] = "session-manager/signaling",
        ["no audience"] = token => token.Claims.Remove("aud"),
        ["another issuer"] = token => token.Claims["iss"] = "someone-else",
        ["no issuer"] = token => token.Claims.Remove("iss"),
        ["expired"] = token => token.Claims["exp"] = token.Now - 1,
        ["never expires"] = token => token.Claims.Remove("exp"),
        ["an absurd expiry"] = token => token.Claims["exp"] = 1e300,
        ["not yet valid"] = token => token.Claims["nbf"] = token.Now + 60,
        ["no nbf"] = token => token.Claims.Remove("nbf"),
        ["another subject"] = token => token.Claims["sub"] = "usr_nobody",
        ["no subject"] = token => token.Claims.Remove("sub"),
        ["no epoch"] = token => token.Claims.Remove("epoch"),
        ["another epoch"] = token => token.Claims["epoch"] = 1,
        ["an unknown key"] = token => token.Claims["key_id"] = "key_nobody",
        ["claims changed after signing"] = token => token.Tamper = text => Swap(text, 1, part => part.Replace("\"epoch\":0", "\"epoch\":1", StringComparison.Ordinal)),
        ["header changed after signing"] = token => token.Tamper = text => Swap(text, 0, part => part + " "),
        ["one more part"] = token => token.Tamper = text => text + ".",
        ["one part less"] = token => token.Tamper = text => text[..text.LastIndexOf('.')],
        ["a line break at the end of the signature"] = token => token.Tamper = text => text + "%0A",
        ["claims that are no JSON"] = token => token.Tamper = text => Swap(text, 1, _ => "hello"),
        ["claims that are an array"] = token => token.Tamper = text => Swap(text, 1, _ => "[]"),
        ["nothing but dots"] = token => token.Tamper = _ => "..",
        ["no token at all"] = token => token.Tamper = _ => "hello",
    };

    [Theory, MemberData(nameof(Attacks))]
    public async Task A_login_with_one_thing_wrong_opens_nothing(string attack)
    {
        var forgery = await Forgery.Of(await TestServer.OnSqlite());
        Variants[attack](forgery);
        await forgery.Try().Problem(attack == "another subject" ? ErrorCatalogue.Unauthenticated : ErrorCatalogue.InvalidToken);
    }

    [Fact]
    public async Task A_token_that_nothing_was_changed_in_is_let_in() => await (await Forgery.Of(await TestServer.OnSqlite())).Try().Json();

    [Fact]
    public async Task A_token_says_everything_a_verifier_needs()
    {
        var server = await TestServer.OnSqlite();
        var token = await server.Tokens.ForSession("usr_a", "ses_b", server.Time.GetUtcNow(), server.Time.GetUtcNow().AddSeconds(600));
        Assert.Equal(["alg", "kid", "typ"], Answers.Part(token, 0).Select(member => member.Key).Order());
        Assert.Equal("ES256", Answers.Part(token, 0).Text("alg"));
        Assert.Equal("session+jwt", Answers.Part(token, 0).Text("typ"));
        Assert.Equal(
            ["aud", "exp", "iat", "iss", "jti", "nbf", "session_id", "sub"],
            Answers.Claims(token).Select(member => member.Key).Order());
        Assert.NotEqual(
            Answers.Claims(token).Text("jti"),
            Answers.Claims(await server.Tokens.ForSession("usr_a", "ses_b", server.Time.GetUtcNow(), server.Time.GetUtcNow().AddSeconds(600))).Text("jti"));
    }

    static string Swap(string token, int index, Func<string, string> change)
    {
        var parts = token.Split('.');
        parts[index] = Base64UrlEncoder.Encode(change(Base64UrlEncoder.Decode(parts[index])));
        return string.Join('.', parts);
    }

    sealed class Forgery
    {
        readonly TestServer _server;

        Forgery(TestServer server, SigningKey key)
        {
            _server = server;
            Key = ECDsa.Create();
            Key.ImportPkcs8PrivateKey(key.PrivateKey.AsSpan(), out _);
            Sign = data => Key.SignData(data, HashAlgorithmName.SHA256);
        }

        public ECDsa Key { get; }
        public required JsonObject Header { get; init; }
        public required JsonObject Claims { get; init; }
        public Func<byte[], byte[]> Sign { get; set; }
        public Func<string, string> Tamper { get; set; } = text => text;
        public long Now => _server.Time.GetUtcNow().ToUnixTimeSeconds();

        public static async Task<Forgery> Of(TestServer server)
        {
            var keys = await server.Grains.GetGrain<ISigningKeysGrain>(ISigningKeysGrain.Key).Get();
            var login = await (await TestAccount.Open(server)).Login();
            return new Forgery(server, keys.Keys[0]) { Header = Answers.Part(login, 0), Claims = Answers.Part(login, 1) };
        }

        public byte[] Hmac(byte[] data) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key.ExportSubjectPublicKeyInfoPem()), data);

        public Task<HttpResponseMessage> Try()
        {
            var signed = $"{Base64UrlEncoder.Encode(Header.ToJsonString())}.{Base64UrlEncoder.Encode(Claims.ToJsonString())}";
            var token = $"{signed}.{Base64UrlEncoder.Encode(Sign(Encoding.ASCII.GetBytes(signed)))}";
            return new TestCaller(_server.Http, Tamper(token)).Get("/regions");
        }
    }
}
