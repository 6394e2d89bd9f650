using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests.Pictures;

/// <summary>Every page with real data, wide and narrow, light and dark and on paper, to be looked at.</summary>
public sealed class PictureTests(Chromium chromium) : IClassFixture<Chromium>
{
    [PictureFact]
    public async Task Every_page_is_pictured()
    {
        var folder = Directory.CreateDirectory(PictureFactAttribute.Folder!).FullName;
        using (var empty = await ServerProcess.Start(demo: false))
        await using (var first = await chromium.Open(empty))
        {
            await first.Page.GotoAsync("/");
            await Expect(first.Heading("Set up")).ToBeVisibleAsync();
            await TakeOf(first.Page, "first-start");
        }

        await using var show = await Showcase.Open();
        await using var window = await chromium.Open(show.Server);
        var (username, password) = await show.Server.Admin();
        await window.Page.GotoAsync("/");
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
        await Take("sign-in");
        await window.SignIn(username, password);
        var user = $"users/{show.UserId}";
        (string Name, string Path, string Shows)[] pages =
        [
            ("overview", "overview", Pages.Overview), ("sessions", "sessions", Pages.List("Sessions")), ("sessions-none", "sessions?region=nowhere", ".empty:has-text('No session matches')"),
            ("session", $"sessions/{show.Session}", ".timeline-svg"), ("nodes", "nodes", Pages.List("Nodes")), ("node", "nodes/ams-rack-01", Pages.List("Sessions")),
            ("users", "users", Pages.List("Users")), ("user-permissions", user, InModal("#about-keys")), ("user-limits", $"{user}?section=limits", InModal(".limits")),
            ("user-keys", $"{user}?section=keys", InModal(Pages.List("API keys"))), ("user-sessions", $"{user}?section=sessions", InModal(Pages.List("Sessions"))),
            ("user-usage", $"{user}?section=usage", InModal(Pages.Usage)), ("user-password", $"{user}?section=password", InModal("input[type=password]")),
            ("user-suspend", $"{user}?section=suspend", InModal("h3:has-text('Suspend')")), ("usage", "usage", Pages.Usage), ("audit", "audit", Pages.List("Audit entries")),
            ("broadcasts", "broadcasts", Pages.List("Broadcasts")), ("account", "settings/account", Pages.Account), ("display", "settings/display", Pages.Display),
        ];
        foreach (var (name, path, shows) in pages)
        {
            await Pages.Show(window, path, shows);
            await Take(name);
        }

        await Pages.Show(window, "sessions?state=connected", Pages.List("Sessions"));
        await window.Page.GetByLabel("Select all that can be dropped").CheckAsync();
        await window.Button("Drop").ClickAsync();
        await Expect(window.InDialog(AriaRole.Button, "Cancel")).ToBeVisibleAsync();
        await Take("drop-many");
        await window.InDialog(AriaRole.Button, "Cancel").ClickAsync();
        await Pages.Show(window, "broadcasts", Pages.List("Broadcasts"));
        await window.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Watch link of") }).First.ClickAsync();
        await window.Button("Copy link").ClickAsync();
        await window.See("Copied the link");
        await Take("watch-link");
        await window.InDialog(AriaRole.Button, "Close").ClickAsync();
        await Pages.Show(window, "settings/account", Pages.Account);
        await window.Button("Generate new key").ClickAsync();
        await Expect(window.InDialog(AriaRole.Button, "Create")).ToBeVisibleAsync();
        await Take("new-key");

        static string InModal(string shows) => $"dialog {shows}";

        Task Take(string name) => TakeOf(window.Page, name);

        async Task TakeOf(IPage page, string name)
        {
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                foreach (var (size, width, height) in new[] { ("wide", 1440, 900), ("narrow", 360, 780) })
                {
                    await page.SetViewportSizeAsync(width, height);
                    await page.EmulateMediaAsync(new() { ColorScheme = theme });
                    await Expect(page.Locator($"html[data-theme={theme.ToString().ToLowerInvariant()}]")).ToHaveCountAsync(1);
                    await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{size}-{theme.ToString().ToLowerInvariant()}.png"), Animations = ScreenshotAnimations.Disabled });
                }
            }

            // On paper: as wide as A4 is, and all of it; who looks at it in the dark prints it dark on white.
            await page.SetViewportSizeAsync(794, 1123);
            await page.EmulateMediaAsync(new() { Media = Media.Print });
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-print.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
            await page.EmulateMediaAsync(new() { Media = Media.Screen });
        }
    }
}
