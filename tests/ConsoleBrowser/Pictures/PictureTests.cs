using Microsoft.Playwright;

namespace SessionManager.Tests.Pictures;

/// <summary>Every page with real data, wide and narrow, light and dark and on paper, to be looked at.</summary>
public sealed class PictureTests(Chromium chromium) : IClassFixture<Chromium>
{
    [PictureFact]
    public async Task Every_page_is_pictured()
    {
        var folder = Directory.CreateDirectory(PictureFactAttribute.Folder!).FullName;
        await using var show = await Showcase.Open();
        await using var window = await chromium.Open(show.Server);
        var (username, password) = await show.Server.Admin();
        await window.Page.GotoAsync("/");
        await Take("sign-in");
        await window.SignIn(username, password);
        (string Name, string Path)[] pages =
        [
            ("overview", "overview"), ("sessions", "sessions"), ("sessions-none", "sessions?region=nowhere"), ("session", $"sessions/{show.Session}"), ("nodes", "nodes"),
            ("node", "nodes/ams-rack-01"), ("users", "users"), ("user-permissions", $"users/{show.UserId}"), ("user-limits", $"users/{show.UserId}?section=limits"),
            ("user-keys", $"users/{show.UserId}?section=keys"), ("user-sessions", $"users/{show.UserId}?section=sessions"), ("user-usage", $"users/{show.UserId}?section=usage"),
            ("user-password", $"users/{show.UserId}?section=password"), ("user-suspend", $"users/{show.UserId}?section=suspend"), ("usage", "usage"), ("audit", "audit"), ("broadcasts", "broadcasts"), ("account", "settings/account"), ("display", "settings/display"),
        ];
        foreach (var (name, path) in pages)
        {
            await Pages.Show(window, path);
            await Take(name);
        }

        await Pages.Show(window, "sessions?state=connected");
        await window.Page.GetByLabel("Select all that can be dropped").CheckAsync();
        await window.Button("Drop").ClickAsync();
        await Take("drop-many");
        await window.InDialog(AriaRole.Button, "Cancel").ClickAsync();
        await Pages.Show(window, "broadcasts");
        await window.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Watch link of") }).First.ClickAsync();
        await window.Button("Copy link").ClickAsync();
        await window.See("Copied the link");
        await Take("watch-link");
        await window.InDialog(AriaRole.Button, "Close").ClickAsync();
        await Pages.Show(window, "settings/account");
        await window.Button("Generate new key").ClickAsync();
        await Take("new-key");

        async Task Take(string name)
        {
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                foreach (var (size, width, height) in new[] { ("wide", 1440, 900), ("narrow", 360, 780) })
                {
                    await window.Page.SetViewportSizeAsync(width, height);
                    await window.Page.EmulateMediaAsync(new() { ColorScheme = theme });
                    await window.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{size}-{theme.ToString().ToLowerInvariant()}.png"), Animations = ScreenshotAnimations.Disabled });
                }
            }

            // On paper: as wide as A4 is, and all of it; who looks at it in the dark prints it dark on white.
            await window.Page.SetViewportSizeAsync(794, 1123);
            await window.Page.EmulateMediaAsync(new() { Media = Media.Print });
            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-print.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
            await window.Page.EmulateMediaAsync(new() { Media = Media.Screen });
        }
    }
}
