using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class SignInTests(Chromium chromium) : IClassFixture<Chromium>
{
    [ConsoleFact]
    public async Task A_new_server_is_set_up_by_the_first_who_comes()
    {
        using var server = await ServerProcess.Start(demo: false);
        await using var window = await chromium.Open(server);
        await window.Page.GotoAsync("/");
        await Expect(window.Heading("Set up")).ToBeVisibleAsync();
        await window.Page.GetByLabel("Username").FillAsync("root");
        await window.Page.GetByLabel("Password").FillAsync("short");
        await window.Button("Create administrator").ClickAsync();
        await window.See("8 to 128 characters");
        await window.Page.GetByLabel("Password").FillAsync(ServerProcess.Password);
        await window.Button("Create administrator").ClickAsync();
        await Expect(window.Link("Overview")).ToBeVisibleAsync();

        await using var second = new ConsoleWindow(await window.Page.Context.NewPageAsync(), server);
        await second.Page.GotoAsync("/");
        await Expect(second.Heading("Sign in")).ToBeVisibleAsync();
    }

    [ConsoleFact]
    public async Task A_wrong_password_is_said_and_the_right_one_leads_to_where_one_wanted_to_go()
    {
        var name = Chromium.NewName("ida");
        await chromium.Server.CreateUser(name);
        await using var window = await chromium.OpenTab();
        await window.Page.GotoAsync("settings/display");
        await window.SignIn(name, "not the password");
        await window.See("The username or the password is wrong");
        await window.SignIn(name, ServerProcess.Password);
        await Expect(window.Heading("Display")).ToBeVisibleAsync();
        Assert.EndsWith("/settings/display", window.Page.Url, StringComparison.Ordinal);
    }

    [ConsoleFact]
    public async Task A_login_that_ends_in_the_middle_of_a_form_loses_nothing()
    {
        var name = Chromium.NewName("uwe");
        var id = await chromium.Server.CreateUser(name, new { api_keys_enabled = true });
        await using var window = await chromium.OpenAs(name, "settings/account");
        await window.Button("Generate new key").ClickAsync();
        await window.Dialog.GetByLabel("Name").FillAsync("kept");
        await window.Dialog.GetByLabel("profile:read").CheckAsync();
        await chromium.Server.Json(HttpMethod.Patch, $"api/admin/users/{id}", await chromium.Server.LogInAsAdmin(), new { password = "another password" });

        await window.InDialog(AriaRole.Button, "Create").ClickAsync();
        await Expect(window.Heading("Sign in again")).ToBeVisibleAsync();
        await window.Dialog.GetByLabel("Password").FillAsync("another password");
        await window.InDialog(AriaRole.Button, "Sign in").ClickAsync();
        await Expect(window.Heading("Sign in again")).ToHaveCountAsync(0);
        await Expect(window.Dialog.GetByLabel("Name")).ToHaveValueAsync("kept");
        await window.InDialog(AriaRole.Button, "Create").ClickAsync();
        await window.See("shown exactly once");
    }

    [ConsoleFact]
    public async Task A_user_changes_their_password_and_goes_on()
    {
        var name = Chromium.NewName("eva");
        await chromium.Server.CreateUser(name);
        await using var window = await chromium.OpenAs(name, "settings/account");
        await window.Page.GetByLabel("Current password").FillAsync("wrong password");
        await window.Page.GetByLabel("New password").FillAsync("a much better password");
        await window.Button("Change password").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await window.Page.GetByLabel("Current password").FillAsync(ServerProcess.Password);
        await window.Button("Change password").ClickAsync();
        await window.See("Your password is changed");
        await window.Link("Sessions").First.ClickAsync();
        await Expect(window.Heading("Sessions")).ToBeVisibleAsync();
        await chromium.Server.LogIn(name, "a much better password");
    }

    [ConsoleFact]
    public async Task The_token_is_in_this_tab_alone_and_signing_out_forgets_it()
    {
        var name = Chromium.NewName("zoe");
        await chromium.Server.CreateUser(name);
        await using var window = await chromium.OpenTab();
        await window.Page.GotoAsync("settings/display");
        await window.SignIn(name, ServerProcess.Password);
        await Expect(window.Heading("Display")).ToBeVisibleAsync();
        Assert.Empty(await window.Page.Context.CookiesAsync());
        Assert.DoesNotContain("eyJ", await window.Page.EvaluateAsync<string>("JSON.stringify(localStorage)"), StringComparison.Ordinal);
        await window.Page.ReloadAsync();
        await Expect(window.Heading("Display")).ToBeVisibleAsync();
        await window.Button("Sign out").ClickAsync();
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
        Assert.Equal("{}", await window.Page.EvaluateAsync<string>("JSON.stringify(sessionStorage)"));
    }

    [ConsoleFact]
    public async Task A_user_who_is_no_administrator_sees_no_page_of_administration()
    {
        var name = Chromium.NewName("tom");
        await chromium.Server.CreateUser(name);
        await using var window = await chromium.OpenAs(name, "/");
        await Expect(window.Heading("Sessions")).ToBeVisibleAsync();
        foreach (var hidden in new[] { "Overview", "Users", "Audit", "Orleans dashboard" })
            await Expect(window.Link(hidden)).ToHaveCountAsync(0);
        await window.Page.GotoAsync("users");
        await window.See("You are not allowed to do this");
    }
}
