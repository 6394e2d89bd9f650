using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class AccessibilityTests(Chromium chromium) : IClassFixture<Chromium>
{
    static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>Nothing is kept of what is as it should be: to describe that takes axe most of its time.</summary>
    const string Everything = "{ resultTypes: ['violations'] }";

    /// <summary>The other theme is the same page in other colours.</summary>
    const string Colours = "{ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }";

    [ConsoleFact]
    public async Task Axe_finds_nothing_serious_on_any_page_light_and_dark()
    {
        await using var window = await chromium.OpenAsAdmin("settings/display");
        foreach (var (path, shows) in Pages.All)
        {
            await Pages.Show(window, path, shows);
            await Judge(window, path);
        }
    }

    [ConsoleFact]
    public async Task Nor_in_any_dialog_or_before_one_has_signed_in()
    {
        await using var window = await chromium.OpenAsAdmin("users");
        await window.Link("demo").ClickAsync();
        foreach (var section in new[] { "Limits", "Keys", "Suspend", "Permissions" })
        {
            await window.InDialog(AriaRole.Tab, section).ClickAsync();
            await Judge(window, $"the user modal, {section}");
        }

        await window.InDialog(AriaRole.Button, "Close").ClickAsync();
        await window.Go("settings/account");
        await window.Button("Generate new key").ClickAsync();
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

    [ConsoleFact]
    public async Task Nor_where_a_new_server_is_set_up()
    {
        using var server = await ServerProcess.Start(demo: false);
        await using var window = await chromium.Open(server);
        await window.Page.GotoAsync("/");
        await Expect(window.Heading("Set up")).ToBeVisibleAsync();
        await Judge(window, "the first start");
    }

    [ConsoleFact]
    public async Task Nothing_moves_for_whoever_wants_no_motion()
    {
        var name = Chromium.NewName("calm");
        await chromium.Server.CreateUser(name);
        var login = await chromium.Server.LogIn(name, ServerProcess.Password);
        var session = (await chromium.Server.Json(HttpMethod.Post, "credentials", login))["session_id"]!.GetValue<string>();
        await using var window = await chromium.OpenAs(name, $"sessions/{session}");
        await Expect(window.Page.Locator(".bar-of.running").First).ToBeVisibleAsync();
        const string moving = "document.getAnimations().filter(motion => motion.effect.getComputedTiming().activeDuration > 10).length";
        Assert.Equal(0, await window.Page.EvaluateAsync<int>(moving));
        await window.Page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.NoPreference });
        await window.Page.WaitForFunctionAsync($"{moving} > 0");
    }

    [ConsoleFact]
    public async Task Whoever_has_only_a_keyboard_sees_where_they_are_and_gets_everywhere()
    {
        await using var window = await chromium.OpenAsAdmin("nodes");
        await Pages.Show(window, "nodes", Pages.List("Nodes"));
        await window.Link("Skip to the page").FocusAsync();
        await Expect(window.Link("Skip to the page")).ToBeInViewportAsync();
        await window.Page.Keyboard.PressAsync("Tab");
        HashSet<string> reached = [];
        for (var press = 0; press < 45; press++)
        {
            var unseen = await window.Page.EvaluateAsync<string>(
                """
                () => {
                  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) {
                    const { outlineStyle, outlineWidth } = getComputedStyle(at);
                    if (outlineStyle !== 'none' && parseFloat(outlineWidth) > 1) return '';
                  }
                  return document.activeElement === document.body ? '' : document.activeElement.outerHTML;
                }
                """);
            Assert.True(unseen.Length == 0, $"Focus is not seen: {unseen}");
            reached.Add(await window.Page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText.replace('↗', '').trim()"));
            await window.Page.Keyboard.PressAsync("Tab");
        }

        string[] all = ["Sessions", "Users", "Settings", "Try it", "Apply", "demo-node", "Drain demo-node", "Delete demo-node", "Sign out"];
        Assert.True(reached.IsSupersetOf(all), $"Not reached: {string.Join(", ", all.Except(reached))}. Reached: {string.Join(", ", reached)}");

        await window.Button("Drain demo-node").FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.InDialog(AriaRole.Button, "Drain")).ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await Expect(window.Button("Drain demo-node")).ToBeFocusedAsync();
    }

    static async Task Judge(ConsoleWindow window, string where)
    {
        await Judge(window, ColorScheme.Light, Everything, where);
        await Judge(window, ColorScheme.Dark, Colours, where);
    }

    static async Task Judge(ConsoleWindow window, ColorScheme theme, string options, string where)
    {
        await window.Page.EmulateMediaAsync(new() { ColorScheme = theme });
        await Expect(window.Page.Locator($"html[data-theme={theme.ToString().ToLowerInvariant()}]")).ToHaveCountAsync(1);
        // The script stays for as long as the page does; the packaged way to run it opens another page each time.
        if (!await window.Page.EvaluateAsync<bool>("'axe' in window"))
            await window.Page.EvaluateAsync(Axe);
        var serious = await window.Page.EvaluateAsync<string[]>(
            $$"""
            async () => {
              // No colour is judged on its way to another.
              await Promise.all(document.getAnimations().filter(change => change instanceof CSSTransition).map(change => change.finished.catch(() => { })));
              return (await axe.run({{options}})).violations.filter(found => ['serious', 'critical'].includes(found.impact))
                .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`);
            }
            """);
        Assert.True(serious.Length == 0, string.Join(Environment.NewLine, serious.Select(found => $"{where}, {theme}: {found}")));
    }
}
