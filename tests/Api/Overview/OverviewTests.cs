using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Overview;

public class OverviewTests
{
    [Fact]
    public async Task An_administrator_sees_room_nodes_and_the_last_hour()
    {
        await using var server = await TestServer.Start();
        var node = await TestNode.Register(server, capacity: 7);
        var admin = await (await TestAccount.Open(server, admin: true)).WithLogin();
        var overview = await admin.Get("/api/admin/overview").Json();
        Assert.Equal((0, 7), (overview["places"]!["used"]!.GetValue<int>(), overview["places"]!["limit"]!.GetValue<int>()));
        Assert.Equal((1, 0), (overview["nodes"]!["live"]!.GetValue<int>(), overview["nodes"]!["lost"]!.GetValue<int>()));
        Assert.Equal(61, overview["minutes"]!.AsArray().Count);

        using var drained = await node.Caller.Post($"{node.Path}/drain");
        Assert.Equal(1, (await admin.Get("/api/admin/overview").Json())["nodes"]!["draining"]!.GetValue<int>());
    }

    [Fact]
    public async Task Refused_mints_are_counted_by_code_within_seconds()
    {
        await using var server = await TestServer.Start();
        var account = await TestAccount.Open(server);
        var admin = await (await TestAccount.Open(server, admin: true)).WithLogin();
        await (await account.WithKey(Scopes.SessionsWrite)).Post("/credentials").Problem(ErrorCatalogue.NoStreamer);
        // Another refusal, of a route that mints nothing, is none.
        await (await account.WithKey(Scopes.SessionsWrite)).Get("/api/nodes").Problem(ErrorCatalogue.InsufficientScope);

        var refusals = await Eventually.Get(async () => (await admin.Get("/api/admin/overview").Json())["refusals"]!.AsArray(), found => found.Count > 0);
        Assert.Equal((ErrorCatalogue.NoStreamer, 1), (refusals.Single()!["code"]!.GetValue<string>(), refusals.Single()!["count"]!.GetValue<int>()));
    }

    [Fact]
    public async Task The_audit_is_narrowed_to_a_time()
    {
        var server = await TestServer.OnSqlite();
        var admin = await (await TestAccount.Open(server, admin: true)).WithLogin();
        var name = TestServer.NewName("dated");
        await admin.Post("/api/admin/users", $$"""{"username":"{{name}}","password":"correct horse battery"}""").Json(System.Net.HttpStatusCode.Created);
        var now = server.Time.GetUtcNow();
        var target = SessionManager.Users.UserIds.Of(name);
        async Task<int> Count(string filter) => (await admin.Get($"/api/admin/audit?target={target}&action=user.create{filter}").Json())["data"]!.AsArray().Count;
        Assert.Equal(1, await Count($"&since={now.AddMinutes(-1):yyyy-MM-ddTHH:mm:ssZ}&until={now.AddMinutes(1):yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.Equal(0, await Count($"&since={now.AddMinutes(1):yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.Equal(0, await Count($"&until={now.AddMinutes(-1):yyyy-MM-ddTHH:mm:ssZ}"));
        await admin.Get("/api/admin/audit?since=yesterday").Problem(ErrorCatalogue.InvalidValue);
    }
}
