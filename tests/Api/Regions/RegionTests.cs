using System.Net;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Regions;

/// <summary><c>GET /regions</c> and <c>GET /ping</c></summary>
public class RegionTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Regions_are_those_with_a_live_node_each_with_an_address_to_ping(StorageProvider storage)
    {
        await using var server = await TestServer.Start(storage);
        var caller = await (await TestAccount.Open(server)).WithKey();
        Assert.Equal("""{"regions":[]}""", (await caller.Get("/regions").Json()).ToJsonString());

        var plain = await TestNode.Register(server);
        var pinged = await TestNode.Register(server, more: ""","ping_url":"https://far.example.com/ping" """);
        var regions = (await caller.Get("/regions").Json())["regions"]!.AsArray()
            .ToDictionary(region => region!.AsObject().Text("id"), region => region!.AsObject().Text("ping_url"));
        Assert.Equal(2, regions.Count);
        Assert.Equal($"{server.Address}ping", regions[plain.Region]);
        Assert.Equal("https://far.example.com/ping", regions[pinged.Region]);

        await plain.Caller.Delete(plain.Path).Json();
        Assert.Single((await caller.Get("/regions").Json())["regions"]!.AsArray());
    }

    [Fact]
    public async Task A_ping_is_answered_with_nothing_and_never_from_a_cache()
    {
        using var response = await (await TestServer.OnSqlite()).Http.GetAsync(new Uri("/ping", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("no-store", response.Header("Cache-Control"));
    }
}
