using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class BadMomentTests(Chromium chromium) : IClassFixture<Chromium>
{
    [ConsoleFact]
    public async Task A_server_that_is_away_is_said_tried_again_and_costs_no_form()
    {
        using var server = await ServerProcess.Start(demo: true);
        var (username, password) = await server.Admin();
        await using var window = await chromium.Open(server);
        await window.Page.GotoAsync("settings/account");
        await window.SignIn(username, password);
        await window.Button("Generate new key").ClickAsync();
        await window.Dialog.GetByLabel("Name").FillAsync("patient");
        await window.Dialog.GetByLabel("usage:read").CheckAsync();
        server.Kill();
        await window.InDialog(AriaRole.Button, "Create").ClickAsync();
        await window.See("Nothing you typed is lost");
        await window.See("The server does not answer");

        await server.StartAgain();
        await Expect(window.Page.GetByText("The server does not answer")).ToHaveCountAsync(0);
        await Expect(window.Dialog.GetByLabel("Name")).ToHaveValueAsync("patient");
        await window.InDialog(AriaRole.Button, "Create").ClickAsync();
        await window.See("shown exactly once");
    }

    [ConsoleFact]
    public async Task Hostile_names_are_text()
    {
        string[] hostile = ["<img src=x onerror=document.title='owned'>", "\u202Eevil\u202C ltr", new string('w', 100), "🧨🧨 key 🧨", "{{constructor.constructor('alert(1)')()}}"];
        var (name, node) = (Chromium.NewName("eve"), Chromium.NewName("rack-"));
        var server = chromium.Server;
        var id = await server.CreateUser(name, new { api_keys_enabled = true });
        var login = await server.LogIn(name, ServerProcess.Password);
        foreach (var text in hostile)
            await server.Json(HttpMethod.Post, "api/users/me/keys", login, new { name = text, scopes = (string[])["profile:read"] });
        await server.Json(HttpMethod.Put, $"api/nodes/{node}", await server.NodeKey(), new { region = node, model = hostile[0], capacity = 1, capabilities = new { image_to_video = false } });
        await using (var window = await chromium.OpenAs(name, "settings/account"))
        {
            await Expect(window.Page.GetByRole(AriaRole.Row)).ToHaveCountAsync(hostile.Length + 1);
            foreach (var text in hostile)
                await Expect(window.Page.GetByRole(AriaRole.Rowheader).Filter(new() { HasText = text }).First).ToBeVisibleAsync();
            await AssertHarmless(window, "Account");
        }

        // What others called things, an administrator sees: in the audit, in lists, and as the reason that is told.
        await server.Json(HttpMethod.Patch, $"api/admin/users/{id}", await server.LogInAsAdmin(), new { suspended = true, reason = hostile[0] + hostile[2] });
        await using var admin = await chromium.OpenAsAdmin($"audit?actor={name}");
        foreach (var text in hostile)
            await Expect(admin.Row(text).First).ToBeVisibleAsync();
        await AssertHarmless(admin, "Audit");
        await admin.Go($"nodes?region={node}");
        await Expect(admin.Row(hostile[0])).ToBeVisibleAsync();
        await AssertHarmless(admin, "Nodes");
        await admin.Go($"users/{id}?section=suspend");
        await Expect(admin.Dialog.GetByText(hostile[0])).ToBeVisibleAsync();
        await AssertHarmless(admin, "Users");
        await admin.InDialog(AriaRole.Button, "Close").ClickAsync();
    }

    static async Task AssertHarmless(ConsoleWindow window, string title)
    {
        await Expect(window.Page.Locator("main img, dialog img")).ToHaveCountAsync(0);
        await Expect(window.Page).ToHaveTitleAsync($"{title} · Session Manager");
        Assert.True(await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), title);
    }

    [ConsoleFact]
    public async Task An_address_that_is_nobodys_stays_a_problem_in_json_and_a_page_of_the_console_is_a_page()
    {
        using var missing = await chromium.Server.Http.GetAsync("api/nothing");
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.MediaType);
        using var asked = await chromium.Server.Http.GetAsync("sessions/request");
        Assert.Equal(System.Net.HttpStatusCode.MethodNotAllowed, asked.StatusCode);
        using var page = await chromium.Server.Http.GetAsync("users/usr_any");
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
    }

    [ConsoleFact]
    public async Task What_breaks_the_whole_console_is_said_where_one_sees_it()
    {
        await using var window = await chromium.OpenAsAdmin("audit");
        await Pages.Show(window, "audit", Pages.List("Audit entries"));
        var said = window.Page.GetByText("Something in this page went wrong");
        await Expect(said).ToBeHiddenAsync();
        // As the framework shows it.
        await window.Page.EvaluateAsync("document.getElementById('blazor-error-ui').style.display = 'block'");
        await Expect(said).ToBeInViewportAsync(new() { Ratio = 1 });
        await window.Page.EvaluateAsync("document.getElementById('blazor-error-ui').style.display = ''");
    }

    [ConsoleFact]
    public async Task A_session_that_is_none_says_so_and_leads_back()
    {
        await using var window = await chromium.OpenAsAdmin("sessions/ses_none");
        await window.See("There is no such session");
        await window.Link("All sessions").ClickAsync();
        await Expect(window.Heading("Sessions")).ToBeVisibleAsync();
    }

    [ConsoleFact]
    public async Task Dialogs_close_with_escape_and_focus_goes_back_to_where_it_was()
    {
        await using var window = await chromium.OpenAsAdmin("settings/account");
        await window.Button("Generate new key").FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Dialog.GetByLabel("Name")).ToBeFocusedAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await Expect(window.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(window.Button("Generate new key")).ToBeFocusedAsync();
        await window.Page.Keyboard.PressAsync("?");
        await Expect(window.Heading("Keys")).ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Page.Keyboard.PressAsync("g");
        await window.Page.Keyboard.PressAsync("n");
        await Expect(window.Heading("Nodes")).ToBeVisibleAsync();
    }
}
