using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class BroadcastTests(Chromium chromium) : IClassFixture<Chromium>
{
    ServerProcess Server => chromium.Server;

    [ConsoleFact]
    public async Task Its_owner_copies_a_watch_link_with_the_life_that_was_chosen_which_opens_its_page_until_the_broadcast_is_ended()
    {
        var (name, login, broadcast) = await Start();
        await using var owner = await chromium.OpenAs(name, "broadcasts");
        await Expect(owner.Row("Live")).ToBeVisibleAsync();
        await owner.Button($"Watch link of {broadcast}").ClickAsync();
        await owner.Dialog.GetByLabel("It lives for").SelectOptionAsync("10 minutes");
        await owner.Button("Copy link").ClickAsync();
        await owner.See("Copied the link");
        var link = await owner.Dialog.GetByLabel("Link", new() { Exact = true }).InputValueAsync();
        Assert.StartsWith($"{Server.Address}watch/{broadcast}#", link, StringComparison.Ordinal);
        var status = $"broadcasts/{broadcast}/status?token={link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..]}";
        var life = (await Server.Json(HttpMethod.Get, status, null))["expires_at"]!.GetValue<DateTimeOffset>() - TimeProvider.System.GetUtcNow();
        Assert.InRange(life, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));
        var watcher = await owner.Page.RunAndWaitForPopupAsync(() => owner.InDialog(AriaRole.Link, "Open it").ClickAsync());
        Assert.Equal(link, watcher.Url);
        // This node has no camera; that somebody may watch here, and until when, is known without.
        await Expect(watcher.Locator("#title")).ToHaveTextAsync("The streamer is away");
        await Expect(watcher.Locator("#until")).Not.ToHaveTextAsync("–");
        await Expect(watcher.GetByText("You see what somebody else drives")).ToBeVisibleAsync();
        await owner.InDialog(AriaRole.Button, "Close").ClickAsync();

        await owner.Button($"End {broadcast}").ClickAsync();
        await owner.See("its spectator tokens are void");
        await owner.InDialog(AriaRole.Button, "End").ClickAsync();
        await Expect(owner.Row("Ended")).ToBeVisibleAsync();
        await Expect(owner.Button($"Watch link of {broadcast}")).ToHaveCountAsync(0);
        using var over = await Server.Send(HttpMethod.Get, status, null);
        Assert.Equal(HttpStatusCode.Gone, over.StatusCode);
        await Expect(watcher.Locator("#title")).ToHaveTextAsync("The broadcast has ended");
        await watcher.ReloadAsync();
        await Expect(watcher.Locator("#title")).ToHaveTextAsync("The broadcast has ended");
        await watcher.CloseAsync();
        Assert.Equal("connected", (await Server.Json(HttpMethod.Get, "api/sessions?limit=1", login))["data"]![0]!["state"]!.GetValue<string>());
    }

    [ConsoleFact]
    public async Task An_administrator_ends_anyones_and_is_offered_no_link_that_is_its_owners_to_give()
    {
        var (name, _, broadcast) = await Start();
        await using var admin = await chromium.OpenAsAdmin("broadcasts?state=live");
        await Expect(admin.Row(name)).ToBeVisibleAsync();
        await Expect(admin.Button($"Watch link of {broadcast}")).ToHaveCountAsync(0);
        await admin.Button($"End {broadcast}").ClickAsync();
        await admin.InDialog(AriaRole.Button, "End").ClickAsync();
        await Expect(admin.Row(name)).ToHaveCountAsync(0);
    }

    async Task<(string Name, string Login, string BroadcastId)> Start()
    {
        var (name, node) = (Chromium.NewName("sender"), Chromium.NewName("studio-"));
        var key = await Server.NodeKey();
        await Server.Json(HttpMethod.Put, $"api/nodes/{node}", key, new { region = node, model = "m", capacity = 4, capabilities = new { image_to_video = true } });
        await Server.CreateUser(name);
        var login = await Server.LogIn(name, ServerProcess.Password);
        var minted = await Server.Json(HttpMethod.Post, "credentials", login, new { region_latencies = new JsonObject { [node] = 1, ["local"] = 900 } });
        var session = minted["session_id"]!.GetValue<string>();
        await Server.Json(HttpMethod.Post, $"api/nodes/{node}/sessions/{session}/connected", key, new { session_token = minted["session_token"]!.GetValue<string>(), connection_id = "c1" });
        var started = await Server.Json(HttpMethod.Post, $"api/nodes/{node}/sessions/{session}/broadcast", key, new { });
        return (name, login, started["broadcast_id"]!.GetValue<string>());
    }
}
