using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

/// <summary>The document "API Keys", statement by statement, as its readers would do it.</summary>
public sealed partial class ApiKeySeedTests(Chromium chromium) : IClassFixture<Chromium>
{
    ServerProcess Server => chromium.Server;

    [ConsoleFact]
    public async Task An_administrator_opts_a_user_in_who_then_generates_a_key_that_is_shown_once_and_works()
    {
        var name = Chromium.NewName("mia");
        await Server.CreateUser(name);
        await using var user = await chromium.OpenAs(name, "settings/account");
        await user.See("API keys are not enabled for your account");
        await Expect(user.Button("Generate new key")).ToHaveCountAsync(0);

        await using var admin = await chromium.OpenAsAdmin("/");
        await admin.Link("Users").ClickAsync();
        await admin.Page.GetByLabel("Search").FillAsync(name);
        await admin.Button("Search").ClickAsync();
        await admin.Link(name).ClickAsync();
        await admin.InDialog(AriaRole.Tab, "Permissions").ClickAsync();
        await admin.InDialog(AriaRole.Switch, "API Keys").ClickAsync();
        await admin.See("API keys are enabled.");

        await user.Page.ReloadAsync();
        await user.Link("Settings").ClickAsync();
        await user.Link("Account").First.ClickAsync();
        await user.Button("Generate new key").ClickAsync();
        await user.Dialog.GetByLabel("Name").FillAsync("home-automation-script");
        await Expect(user.InDialog(AriaRole.Button, "Create")).ToBeDisabledAsync();
        await user.Dialog.GetByLabel("profile:read").CheckAsync();
        await user.InDialog(AriaRole.Button, "Create").ClickAsync();
        await user.See("shown exactly once");
        var key = await user.Dialog.GetByLabel("API key").InputValueAsync();
        Assert.Matches(Key(), key);
        await user.Page.Keyboard.PressAsync("Escape");
        await Expect(user.Dialog.GetByLabel("API key")).ToHaveValueAsync(key);
        await user.Button("I have saved this key").ClickAsync();
        await Expect(user.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        using var me = await Server.Send(HttpMethod.Get, "api/users/me", key);
        Assert.Equal(HttpStatusCode.OK, me.StatusCode);
        using var other = await Server.Send(HttpMethod.Get, "api/sessions", key);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);

        await user.Page.ReloadAsync();
        var row = user.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "home-automation-script" });
        await Expect(row).ToContainTextAsync(key[..10]);
        await Expect(row).ToContainTextAsync("profile:read");
        await Expect(row).Not.ToContainTextAsync("Never");
        Assert.DoesNotContain(key, await user.Page.ContentAsync(), StringComparison.Ordinal);
    }

    [ConsoleFact]
    public async Task Turning_the_switch_off_says_what_it_does_stops_every_key_and_deletes_none()
    {
        var name = Chromium.NewName("noah");
        await Server.CreateUser(name, new { api_keys_enabled = true });
        var key = (await Server.Json(HttpMethod.Post, "api/users/me/keys", await Server.LogIn(name, ServerProcess.Password), new { name = "script", scopes = (string[])["profile:read"] }))["key"]!.GetValue<string>();

        await using var admin = await chromium.OpenAsAdmin($"users?search={name}");
        await admin.Link(name).ClickAsync();
        await admin.InDialog(AriaRole.Switch, "API Keys").ClickAsync();
        await admin.InDialog(AriaRole.Button, "Cancel").ClickAsync();
        await Expect(admin.InDialog(AriaRole.Switch, "API Keys")).ToBeCheckedAsync();
        await admin.InDialog(AriaRole.Switch, "API Keys").ClickAsync();
        await admin.See("Every key they have stops working at once");
        Assert.Equal(HttpStatusCode.OK, await Status(key));
        await admin.InDialog(AriaRole.Button, "Turn off").ClickAsync();
        await admin.See("API keys are off. All of them have stopped.");
        await Expect(admin.Page.GetByRole(AriaRole.Switch, new() { Name = "API Keys" })).Not.ToBeCheckedAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await Status(key));

        await admin.InDialog(AriaRole.Tab, "Keys").ClickAsync();
        await Expect(admin.Dialog.GetByRole(AriaRole.Row).Filter(new() { HasText = "script" })).ToBeVisibleAsync();
        await admin.InDialog(AriaRole.Tab, "Permissions").ClickAsync();
        await admin.InDialog(AriaRole.Switch, "API Keys").ClickAsync();
        await admin.See("API keys are enabled.");
        Assert.Equal(HttpStatusCode.OK, await Status(key));
    }

    [ConsoleFact]
    public async Task An_administrator_revokes_any_users_key_in_the_same_modal()
    {
        var name = Chromium.NewName("lea");
        await Server.CreateUser(name, new { api_keys_enabled = true });
        var key = (await Server.Json(HttpMethod.Post, "api/users/me/keys", await Server.LogIn(name, ServerProcess.Password), new { name = "leaked", scopes = (string[])["profile:read"] }))["key"]!.GetValue<string>();

        await using var admin = await chromium.OpenAsAdmin($"users?search={name}");
        await admin.Link(name).ClickAsync();
        await admin.InDialog(AriaRole.Tab, "Keys").ClickAsync();
        await admin.InDialog(AriaRole.Button, "Revoke leaked").ClickAsync();
        await admin.See("cannot be restored");
        await admin.InDialog(AriaRole.Button, "Revoke").ClickAsync();
        await admin.See("No keys");
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(key));
    }

    [ConsoleFact]
    public async Task A_user_rotates_a_key_and_revokes_the_new_one()
    {
        var name = Chromium.NewName("otto");
        await Server.CreateUser(name, new { api_keys_enabled = true });
        await Server.Json(HttpMethod.Post, "api/users/me/keys", await Server.LogIn(name, ServerProcess.Password), new { name = "nightly", scopes = (string[])["profile:read"] });

        await using var user = await chromium.OpenAs(name, "settings/account");
        await Expect(user.Page.GetByText("Never", new() { Exact = true })).ToBeVisibleAsync();
        await user.Button("Rotate nightly").ClickAsync();
        await user.InDialog(AriaRole.Button, "Rotate").ClickAsync();
        var key = await user.Dialog.GetByLabel("API key").InputValueAsync();
        await user.Button("I have saved this key").ClickAsync();
        Assert.Equal(HttpStatusCode.OK, await Status(key));
        await Expect(user.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "nightly" })).ToHaveCountAsync(2);

        await user.Button("Revoke nightly").Last.ClickAsync();
        await user.InDialog(AriaRole.Button, "Cancel").ClickAsync();
        Assert.Equal(HttpStatusCode.OK, await Status(key));
        await user.Button("Revoke nightly").Last.ClickAsync();
        await user.InDialog(AriaRole.Button, "Revoke").ClickAsync();
        await Expect(user.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "nightly" })).ToHaveCountAsync(1);
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(key));
    }

    [ConsoleFact]
    public async Task Administrators_need_no_switch()
    {
        await using var admin = await chromium.OpenAsAdmin("users?search=admin");
        await admin.Page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Link, new() { Name = "admin", Exact = true }).ClickAsync();
        await Expect(admin.InDialog(AriaRole.Switch, "API Keys")).ToBeDisabledAsync();
        await Expect(admin.InDialog(AriaRole.Switch, "Administrator")).ToBeDisabledAsync();
        await admin.See("Administrators always have API keys");
    }

    async Task<HttpStatusCode> Status(string key)
    {
        using var response = await Server.Send(HttpMethod.Get, "api/users/me", key);
        return response.StatusCode;
    }

    [GeneratedRegex("^odn_[a-z2-7]{52}$")]
    private static partial Regex Key();
}
