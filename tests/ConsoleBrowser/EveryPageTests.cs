using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class EveryPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    const long MostBytes = 4_000_000;
    static readonly string[] Pages =
        ["overview", "sessions", "nodes", "nodes/{node}", "users", "usage", "audit", "broadcasts", "settings/account", "settings/display"];

    [ConsoleTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Axe_finds_nothing_serious_on_any_page(bool dark)
    {
        await using var window = await chromium.OpenAsAdmin("settings/display", dark: dark);
        await Expect(window.Heading("Display")).ToBeVisibleAsync();
        foreach (var path in Pages)
        {
            await window.Page.GotoAsync(path.Replace("{node}", "demo-node", StringComparison.Ordinal));
            await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            await Expect(window.Page.GetByText("Loading", new() { Exact = true })).ToHaveCountAsync(0);
            await Judge(window, path);
        }

        await window.Page.GotoAsync("users");
        await window.Link("demo").ClickAsync();
        foreach (var section in new[] { "Limits", "Keys", "Suspend", "Permissions" })
        {
            await window.InDialog(AriaRole.Tab, section).ClickAsync();
            await Judge(window, $"the user modal, {section}");
        }

        await window.Page.GotoAsync("settings/account");
        await window.Button("Generate new key").ClickAsync();
        await Expect(window.Dialog.GetByLabel("Name")).ToBeVisibleAsync();
        await Judge(window, "the new key's dialog");
        await window.Dialog.GetByLabel("Name").FillAsync("axe");
        await window.Dialog.GetByLabel("usage:read").CheckAsync();
        await window.InDialog(AriaRole.Button, "Create").ClickAsync();
        await window.See("shown exactly once");
        await Judge(window, "the new key");
        await window.Button("I have saved this key").ClickAsync();
        await window.Button("Sign out").ClickAsync();
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
        await Judge(window, "the sign-in page");
    }

    [ConsoleTheory]
    [InlineData(360)]
    [InlineData(1920)]
    public async Task No_page_is_wider_than_the_screen(int width)
    {
        await using var window = await chromium.OpenAsAdmin("settings/display", width);
        await Expect(window.Heading("Display")).ToBeVisibleAsync();
        foreach (var path in Pages)
        {
            await window.Page.GotoAsync(path.Replace("{node}", "demo-node", StringComparison.Ordinal));
            await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            Assert.True(await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} at {width}");
        }
    }

    [ConsoleFact]
    public async Task A_first_visit_takes_less_than_four_megabytes_and_the_next_almost_nothing()
    {
        await using var window = await chromium.Open();
        var client = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await client.SendAsync("Network.enable");
        long bytes = 0;
        client.Event("Network.loadingFinished").OnEvent += (_, finished) => bytes += (long)finished!.Value.GetProperty("encodedDataLength").GetDouble();
        await window.Page.GotoAsync("/");
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
        Assert.InRange(bytes, 1, MostBytes);

        bytes = 0;
        await window.Page.ReloadAsync();
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
        Assert.InRange(bytes, 0, MostBytes / 40);
    }

    [ConsoleFact]
    public async Task The_theme_is_the_systems_until_one_is_chosen_and_stands_before_the_first_paint()
    {
        await using var window = await chromium.Open(dark: true);
        await window.Page.GotoAsync("/");
        await Expect(window.Page.Locator("html[data-theme=dark]")).ToHaveCountAsync(1);
        await window.Page.EvaluateAsync("localStorage.setItem('theme', 'light')");
        await window.Page.GotoAsync("/", new() { WaitUntil = WaitUntilState.Commit });
        await Expect(window.Page.Locator("html[data-theme=light]")).ToHaveCountAsync(1);
    }

    static async Task Judge(ConsoleWindow window, string where)
    {
        var serious = (await window.Page.RunAxe()).Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{where}: {violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html).Take(3))}");
        Assert.Empty(serious);
    }
}
