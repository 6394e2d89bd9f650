using Microsoft.Playwright;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class EveryPageTests(Chromium chromium, ITestOutputHelper output) : IClassFixture<Chromium>
{
    const long MostBytes = 4_000_000;

    /// <summary>1280 pixels at a zoom of 400 %, and a large screen.</summary>
    static readonly int[] Widths = [320, 1920];

    [ConsoleFact]
    public async Task No_page_is_wider_than_the_screen()
    {
        await using var window = await chromium.OpenAsAdmin("settings/display");
        foreach (var (path, shows) in Pages.All)
        {
            await Pages.Show(window, path, shows);
            foreach (var width in Widths)
            {
                await window.Page.SetViewportSizeAsync(width, 800);
                Assert.True(await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} at {width}");
            }
        }
    }

    [ConsoleFact]
    public async Task On_paper_there_is_nothing_left_to_click_or_to_fill_in()
    {
        await using var window = await chromium.OpenAsAdmin("settings/display");
        foreach (var (path, shows) in Pages.All)
        {
            await Pages.Show(window, path, shows);
            await window.Page.EmulateMediaAsync(new() { Media = Media.Print });
            Assert.Equal($"{path}: ", $"{path}: " + await window.Page.EvaluateAsync<string>(
                "[...document.querySelectorAll('button, input, select, summary, nav a')].filter(part => part.checkVisibility()).map(part => part.outerHTML).join()"));
            await window.Page.EmulateMediaAsync(new() { Media = Media.Screen });
        }
    }

    /// <summary>How long it takes is told, and held to nothing: no test is about how fast this machine is at the moment.</summary>
    [ConsoleFact]
    public async Task A_first_visit_takes_less_than_four_megabytes_and_the_next_almost_nothing()
    {
        await using var window = await chromium.Open();
        var client = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await client.SendAsync("Network.enable");
        await client.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
        long bytes = 0;
        client.Event("Network.loadingFinished").OnEvent += (_, finished) => bytes += (long)finished!.Value.GetProperty("encodedDataLength").GetDouble();
        List<string> plain = [];
        client.Event("Network.responseReceived").OnEvent += (_, received) =>
        {
            var response = received!.Value.GetProperty("response");
            if (!response.GetProperty("headers").EnumerateObject().Any(header => header.Name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase))
                && Path.GetExtension(response.GetProperty("url").GetString()) is ".css" or ".js" or ".wasm")
            {
                plain.Add(response.GetProperty("url").GetString()!);
            }
        };
        await Visit("first visit", () => window.Page.GotoAsync("/"));
        Assert.Empty(plain);
        Assert.InRange(bytes, 1, MostBytes);

        bytes = 0;
        await Visit("next visit", () => window.Page.ReloadAsync());
        Assert.InRange(bytes, 0, MostBytes / 40);

        async Task Visit(string which, Func<Task> visit)
        {
            var began = TimeProvider.System.GetTimestamp();
            await visit();
            await window.Page.GetByLabel("Username").FillAsync("usable");
            await Expect(window.Page.GetByLabel("Username")).ToHaveValueAsync("usable");
            var metrics = (await client.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray();
            var busy = metrics.Single(metric => metric.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble();
            output.WriteLine($"{which}: usable after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms, {busy * 1_000:0} ms of them the page's thread was busy; {bytes:N0} bytes over the wire");
        }
    }

    [ConsoleFact]
    public async Task The_theme_is_the_systems_until_one_is_chosen_and_stands_before_the_first_paint()
    {
        await using var window = await chromium.Open(dark: true);
        await window.Page.GotoAsync("/", new() { WaitUntil = WaitUntilState.Commit });
        await Expect(window.Page.Locator("html[data-theme=dark]")).ToHaveCountAsync(1);
        await window.Page.EvaluateAsync("localStorage.setItem('theme', 'light')");
        await window.Page.GotoAsync("/", new() { WaitUntil = WaitUntilState.Commit });
        await Expect(window.Page.Locator("html[data-theme=light]")).ToHaveCountAsync(1);
    }
}
