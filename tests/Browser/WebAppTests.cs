using System.Diagnostics;
using Microsoft.Playwright;
using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>The sample web app: its server mints with the key, its page streams without.</summary>
[Collection(Stage.Name)]
public sealed class WebAppTests(Stage stage) : IDisposable
{
    Process? _app;

    [BrowserFact]
    public async Task One_click_on_an_idea_shows_it_and_more_words_change_it()
    {
        var page = await Open(stage.Server.ApiKey);
        await page.ClickAsync("#ideas button");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        var frames = await Eventually.Get(
            () => page.EvaluateAsync<int>("document.getElementById('video').getVideoPlaybackQuality().totalVideoFrames"), count => count > 10);
        Assert.True(frames > 10);

        await page.FillAsync("#prompt", "A storm rolls in");
        await page.ClickAsync("#go");
        await Assertions.Expect(page.Locator("#steps li")).ToHaveCountAsync(2);
        await page.ClickAsync("#leave");
        await Assertions.Expect(page.Locator("#state")).ToBeEmptyAsync();
        await page.CloseAsync();
    }

    [BrowserFact]
    public async Task The_sample_web_app_says_in_its_own_words_that_it_was_cut_off()
    {
        var page = await Open(stage.Server.ApiKey);
        await page.ClickAsync("#ideas button");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Live");
        await foreach (var session in stage.Client.Sessions.ListAsync(new() { State = SessionStates.Connected }))
            await stage.Client.Sessions.DropAsync(session.SessionId);

        await Assertions.Expect(page.Locator("#notice-title")).ToHaveTextAsync("The scene was cut off.");
        await page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_key_that_is_not_good_is_the_operators_business_and_no_users()
    {
        var page = await Open("odn_777777777777777777777777777777777777777777777ahdemoq");
        await page.ClickAsync("#ideas button");
        await Assertions.Expect(page.Locator("#notice")).ToContainTextAsync("could not be prepared");
        await Assertions.Expect(page.Locator("#notice")).Not.ToContainTextAsync("key");
        await page.CloseAsync();
    }

    public void Dispose()
    {
        _app?.Kill();
        _app?.Dispose();
    }

    async Task<IPage> Open(string key)
    {
        _app = Process.Start(new ProcessStartInfo("node", ["server.js"])
        {
            WorkingDirectory = BrowserFactAttribute.WebAppFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["API_KEY"] = key, ["API_URL"] = stage.Server.Address.GetLeftPart(UriPartial.Authority), ["PORT"] = "0" },
        })!;
        _app.BeginErrorReadLine();
        var address = (await _app.StandardOutput.ReadLineAsync())!.Split(' ')[0];
        var page = await stage.Browser.NewPageAsync();
        await page.GotoAsync(address);
        return page;
    }
}
