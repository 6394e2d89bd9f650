using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

/// <summary>The pages of the console for somebody who may see them all.</summary>
static class Pages
{
    /// <summary>Where each is, and what stands on it once it has read what it shows.</summary>
    public static IReadOnlyList<(string Path, string Shows)> All { get; } =
    [
        ("overview", Overview), ("sessions", List("Sessions", "No sessions yet")), ("nodes", List("Nodes")), ("nodes/demo-node", "#on-it"), ("users", List("Users")),
        ("usage", Usage), ("audit", List("Audit entries")), ("broadcasts", List("Broadcasts", "No broadcasts yet")), ("settings/account", Account), ("settings/display", Display),
    ];

    public const string Overview = "#t-refusals", Usage = "h3:has-text('Hours by day')", Account = ".panel:has(#api-keys) :is(.grid, .empty)", Display = "input[name=density]";

    /// <summary>A list's first row, or what is said where it has none.</summary>
    public static string List(string name, string? none = null) =>
        $"[aria-label='{name}'] tbody tr" + (none is null ? "" : $", .empty:has-text('{none}')");

    /// <summary>Goes there and waits until all of it stands: a page that still reads looks like an empty one.</summary>
    public static async Task Show(ConsoleWindow window, string path, string shows)
    {
        await window.Go(path);
        await Expect(window.Page.Locator(shows).First).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("Loading", new() { Exact = true })).ToHaveCountAsync(0);
    }
}
