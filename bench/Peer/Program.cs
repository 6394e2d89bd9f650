using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Peer;

// What a good engineer writes in a weekend instead of this product: one route, one SQL statement a mint, the same token. It has
// no queue, no expiry, no sweep and no nodes that fail; it is here to be measured against.
//   PORT        where it listens; 0: any free port
//   DATABASE    a PostgreSQL connection string, or the path of a SQLite file
//   ACCOUNTS, NODES   how many to make; the keys of the accounts go to the file KEYS, a line each
var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Number("PORT")));
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PeerJson.Default));
await using var app = builder.Build();

var database = Environment.GetEnvironmentVariable("DATABASE")!;
await using IMintStore store = database.Contains('=', StringComparison.Ordinal) ? new PostgresMintStore(database) : new SqliteMintStore(database);
var keys = Enumerable.Range(0, Number("ACCOUNTS")).Select(_ => "odn_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(26))).ToArray();
await store.Fill(keys.Select(key => SHA256.HashData(Encoding.ASCII.GetBytes(key))), Number("NODES"));
await File.WriteAllLinesAsync(Environment.GetEnvironmentVariable("KEYS")!, keys);
var signer = new SessionTokenSigner();

app.MapPost("/credentials", async Task<Results<Created<CredentialsAnswer>, UnauthorizedHttpResult, StatusCodeHttpResult>> (HttpRequest request) =>
{
    var header = request.Headers.Authorization.ToString();
    if (!header.StartsWith("Bearer ", StringComparison.Ordinal))
        return TypedResults.Unauthorized();
    var hash = SHA256.HashData(Encoding.ASCII.GetBytes(header["Bearer ".Length..]));
    var sessionId = "ses_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    var now = TimeProvider.System.GetUtcNow();
    var expires = now.AddSeconds(600);
    if (await store.Mint(hash, sessionId, now, expires) is not { } minted)
        return TypedResults.StatusCode(StatusCodes.Status429TooManyRequests);
    return TypedResults.Created($"/api/sessions/{sessionId}", new CredentialsAnswer(
        sessionId, "ws://127.0.0.1/signaling", signer.Sign(minted, sessionId, now, expires), 600));
});

await app.StartAsync();
Console.WriteLine($"Address {app.Urls.First()}");
await app.WaitForShutdownAsync();

static int Number(string name) => int.Parse(Environment.GetEnvironmentVariable(name)!, NumberStyles.None, CultureInfo.InvariantCulture);
