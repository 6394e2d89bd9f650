using Microsoft.Playwright;

namespace SessionManager.Tests;

/// <summary><c>/demo</c>, as whoever just ran <c>./run</c> sees it.</summary>
[Collection(Stage.Name)]
public sealed class DemoPageTests(Stage stage)
{
    [BrowserFact]
    public async Task With_a_key_two_clicks_show_a_stream_and_a_third_ends_it()
    {
        var page = await Open();
        var problems = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                problems.Add(message.Text);
        };
        await page.FillAsync("#key", stage.Server.ApiKey);
        await page.ClickAsync("#enter .main");
        await page.ClickAsync("#create .main");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Streaming");
        // Not by a function that waits on the page: its policy lets no text become a script.
        var frames = await Eventually.Get(
            () => page.EvaluateAsync<int>("document.getElementById('video').getVideoPlaybackQuality().totalVideoFrames"), count => count > 10);
        Assert.True(frames > 10);

        await page.FillAsync("#change", "A storm rolls in");
        await page.ClickAsync("#steer .main");
        await page.ClickAsync("#end");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Connected");
        await page.ClickAsync("button.leave:visible");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Not connected");
        Assert.Empty(problems);
        await page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_mistyped_key_is_explained_in_words()
    {
        var page = await Open();
        await page.FillAsync("#key", stage.Server.ApiKey[..^2]);
        await page.ClickAsync("#enter .main");
        await Assertions.Expect(page.Locator("#problem")).ToContainTextAsync("key");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Not connected");
        await page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_session_ended_elsewhere_says_so_and_a_new_one_is_a_click_away()
    {
        var page = await Open();
        await page.FillAsync("#key", stage.Server.ApiKey);
        await page.ClickAsync("#enter .main");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Connected");
        await stage.Client.Sessions.DropAsync(await page.InnerTextAsync("#session"));

        await Assertions.Expect(page.Locator("#again-title")).ToHaveTextAsync("The streamer is gone");
        await page.ClickAsync("#anew");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Connected");
        await page.CloseAsync();
    }

    async Task<IPage> Open()
    {
        var page = await stage.Browser.NewPageAsync();
        await page.GotoAsync(new Uri(stage.Server.Address, "demo").ToString());
        return page;
    }
}
