using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace SessionManager.Tests;

/// <summary><c>/watch</c>, as whoever was sent a link sees it, and <c>/demo</c>'s button that makes one.</summary>
[Collection(Stage.Name)]
public sealed class WatchPageTests(Stage stage)
{
    [BrowserFact]
    public async Task A_link_that_the_demo_shares_shows_its_stream_until_it_ends()
    {
        await using var context = await stage.Browser.NewContextAsync(new() { Permissions = ["clipboard-read", "clipboard-write"] });
        var demo = await context.NewPageAsync();
        await demo.GotoAsync(new Uri(stage.Server.Address, "demo").ToString());
        await demo.FillAsync("#key", stage.Server.ApiKey);
        await demo.ClickAsync("#enter .main");
        await demo.ClickAsync("#create .main");
        await demo.ClickAsync("#share");
        await Assertions.Expect(demo.Locator("#shared")).ToContainTextAsync("Link copied");
        var link = await demo.EvaluateAsync<string>("navigator.clipboard.readText()");

        var page = await context.NewPageAsync();
        var problems = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                problems.Add(message.Text);
        };
        await page.GotoAsync(link);
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await Assertions.Expect(page.Locator("#way")).ToHaveTextAsync("WebRTC");
        await Assertions.Expect(page.Locator("#viewers")).ToHaveTextAsync("1");
        Assert.True(await Frames(page, 5) >= 5);
        Assert.Empty(problems);

        await demo.ClickAsync("button.leave:visible");
        await Assertions.Expect(page.Locator("#title")).ToHaveTextAsync("The broadcast has ended");
        Assert.Equal("", await page.Locator("#video").EvaluateAsync<string>("video => video.srcObject ?? ''"));
    }

    [BrowserFact]
    public async Task A_link_that_expires_while_it_is_open_says_so_and_one_that_is_cut_short_opens_nothing()
    {
        var driver = await stage.Open();
        await driver.Connect(await stage.Client.Credentials.CreateAsync());
        var broadcast = await driver.Call<JsonElement>("share('A mountain lake')");
        var id = broadcast.GetProperty("webrtcUrl").GetString()!.Split('/')[^1];
        var link = (await stage.Client.Broadcasts.CreateTokenAsync(id)).WatchUrl;
        foreach (var (wrong, says) in new[] { (link[..^3], "This link opens nothing"), (link.Split('#')[0], "Nothing to watch"), (link.Replace(id, "brd_other", StringComparison.Ordinal), "This link opens nothing") })
        {
            var other = await stage.Browser.NewPageAsync();
            await other.GotoAsync(wrong);
            await Assertions.Expect(other.Locator("#title")).ToHaveTextAsync(says);
            await other.CloseAsync();
        }

        var page = await stage.Browser.NewPageAsync();
        await page.GotoAsync((await stage.Client.Broadcasts.CreateTokenAsync(id, new() { TtlSeconds = 4 })).WatchUrl);
        await Assertions.Expect(page.Locator("#title")).ToHaveTextAsync("This link has expired");
        await driver.Frames(3);
        await page.CloseAsync();
        await driver.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task Who_finds_all_places_taken_is_told_so()
    {
        var (driver, page) = await OpenWithAllPlacesTaken();
        await Assertions.Expect(page.Locator("#title")).ToHaveTextAsync("All places are taken");
        await page.CloseAsync();
        await driver.Page.CloseAsync();
    }

    [HlsFact]
    public async Task Where_WebRTC_does_not_come_through_HLS_does()
    {
        var (driver, page) = await OpenWithAllPlacesTaken();
        await Assertions.Expect(page.Locator("#way")).ToHaveTextAsync("HLS");
        Assert.True(await Frames(page, 5) >= 5);
        await page.CloseAsync();
        await driver.Page.CloseAsync();
    }

    async Task<(ClientPage Driver, IPage Page)> OpenWithAllPlacesTaken()
    {
        var driver = await stage.Open();
        await driver.Connect(await stage.Client.Credentials.CreateAsync());
        var broadcast = await driver.Call<JsonElement>("share('A mountain lake')");
        var shared = await stage.Client.Broadcasts.CreateTokenAsync(broadcast.GetProperty("webrtcUrl").GetString()!.Split('/')[^1]);
        var page = await stage.Browser.NewPageAsync();
        await page.RouteAsync("**/whep", route => route.FulfillAsync(new()
        {
            Status = 409,
            ContentType = "application/problem+json",
            Body = JsonSerializer.Serialize(new { code = "viewer_limit" }),
        }));
        await page.GotoAsync(shared.WatchUrl);
        return (driver, page);
    }

    /// <summary>Not by a function that waits on the page: its policy lets no text become a script.</summary>
    static Task<int> Frames(IPage page, int least) => Eventually.Get(
        () => page.EvaluateAsync<int>("document.getElementById('video').getVideoPlaybackQuality().totalVideoFrames"), count => count >= least);
}
