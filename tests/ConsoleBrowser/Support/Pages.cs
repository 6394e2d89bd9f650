using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

/// <summary>The pages of the console for somebody who may see them all.</summary>
static class Pages
{
    public static IReadOnlyList<string> All { get; } =
        ["overview", "sessions", "nodes", "nodes/demo-node", "users", "usage", "audit", "broadcasts", "settings/account", "settings/display"];

    /// <summary>Goes there and waits until all of it stands.</summary>
    public static async Task Show(ConsoleWindow window, string path)
    {
        await window.Go(path);
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await Expect(window.Page.Locator(".panel").First).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("Loading", new() { Exact = true })).ToHaveCountAsync(0);
    }
}
