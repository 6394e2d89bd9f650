using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class OperatorTests(Chromium chromium) : IClassFixture<Chromium>
{
    ServerProcess Server => chromium.Server;

    [ConsoleFact]
    public async Task A_new_session_is_told_live_moves_no_row_and_is_found_shown_and_dropped()
    {
        var (login, first) = await Mint();
        await using var admin = await chromium.OpenAsAdmin("sessions");
        await Expect(admin.Page.Locator($"a[href='sessions/{first}']")).ToBeVisibleAsync();
        await Expect(admin.Page.GetByText("Live", new() { Exact = true }).First).ToBeVisibleAsync();

        var second = (await Server.Json(HttpMethod.Post, "credentials", login))["session_id"]!.GetValue<string>();
        // Other tests' sessions are counted too.
        var news = admin.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^[0-9]+ new$") });
        await Expect(news).ToBeVisibleAsync();
        await Expect(admin.Page.Locator($"a[href='sessions/{second}']")).ToHaveCountAsync(0);
        await news.ClickAsync();
        await Expect(admin.Page.Locator($"a[href='sessions/{second}']")).ToBeVisibleAsync();

        await admin.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Session id" }).FillAsync(second);
        await admin.Button("Find").ClickAsync();
        await Expect(admin.Heading("Timeline")).ToBeVisibleAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Minted" })).ToBeVisibleAsync();
        await Expect(admin.Page.Locator("svg.timeline-svg")).ToBeVisibleAsync();

        await admin.Button("Drop").ClickAsync();
        await admin.InDialog(AriaRole.Button, "Cancel").ClickAsync();
        Assert.Equal("provisioned", await State(second));
        await admin.Button("Drop").ClickAsync();
        await admin.InDialog(AriaRole.Button, "Drop").ClickAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(admin.Button("Drop")).ToBeDisabledAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Terminated" })).ToBeVisibleAsync();
        Assert.Equal("dropped", await State(second));
        Assert.Equal("provisioned", await State(first));
    }

    [ConsoleFact]
    public async Task Filters_are_in_the_address_and_back_keeps_them()
    {
        var name = Chromium.NewName("fay");
        await Server.CreateUser(name);
        var login = await Server.LogIn(name, ServerProcess.Password);
        var session = (await Server.Json(HttpMethod.Post, "credentials", login))["session_id"]!.GetValue<string>();
        await Mint();
        await using var admin = await chromium.OpenAsAdmin("sessions");
        await admin.Page.GetByLabel("Account", new() { Exact = true }).FillAsync(name);
        await admin.Button("Apply").ClickAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        Assert.Contains($"user={name}", admin.Page.Url, StringComparison.Ordinal);
        await admin.Page.Locator($"a[href='sessions/{session}']").ClickAsync();
        await Expect(admin.Heading("Session")).ToBeVisibleAsync();
        await admin.Page.GoBackAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        await Expect(admin.Page.GetByLabel("Account", new() { Exact = true })).ToHaveValueAsync(name);
        await admin.Page.GetByRole(AriaRole.Combobox, new() { Name = "State" }).SelectOptionAsync("connected");
        await admin.See("No session matches");
        await admin.Button("Clear filters").First.ClickAsync();
        await Expect(admin.Page.Locator($"a[href='sessions/{session}']")).ToBeVisibleAsync();
    }

    [ConsoleFact]
    public async Task A_list_of_one_users_sessions_is_told_of_theirs_and_of_nobody_elses()
    {
        var name = Chromium.NewName("gil");
        await Server.CreateUser(name);
        var login = await Server.LogIn(name, ServerProcess.Password);
        await using var admin = await chromium.OpenAsAdmin($"sessions?user={name}");
        await admin.See("No session matches");
        await Expect(admin.Page.GetByText("Live", new() { Exact = true }).First).ToBeVisibleAsync();
        await Mint();
        await Server.Json(HttpMethod.Post, "credentials", login);
        await admin.Button("1 new").ClickAsync();
        await Expect(admin.Page.Locator(Pages.List("Sessions"))).ToHaveCountAsync(1);
        await Expect(admin.Row(name)).ToBeVisibleAsync();
    }

    [ConsoleFact]
    public async Task A_node_is_drained_undrained_and_deleted()
    {
        var id = Chromium.NewName("rack-");
        await Server.Json(HttpMethod.Put, $"api/nodes/{id}", await Server.NodeKey(), new { region = "eu-north", model = "m", capacity = 4, capabilities = new { image_to_video = true } });
        await using var admin = await chromium.OpenAsAdmin("nodes");
        var row = admin.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = id });
        await Expect(row).ToContainTextAsync("0 of 4");
        await admin.Button($"Drain {id}").ClickAsync();
        await admin.See("It stays so, also when the node registers again");
        await admin.InDialog(AriaRole.Button, "Drain").ClickAsync();
        await Expect(row).ToContainTextAsync("Draining");
        await admin.Button($"Undrain {id}").ClickAsync();
        await Expect(row).Not.ToContainTextAsync("Draining");
        await admin.Button($"Delete {id}").ClickAsync();
        await admin.InDialog(AriaRole.Button, "Delete").ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
    }

    [ConsoleFact]
    public async Task A_user_is_created_limited_suspended_and_let_in_again_and_the_audit_says_so()
    {
        var name = Chromium.NewName("gus");
        await using var admin = await chromium.OpenAsAdmin("users");
        await admin.Button("Create user").ClickAsync();
        await admin.Dialog.GetByLabel("Username").FillAsync("demo");
        await admin.Dialog.GetByLabel("Password").FillAsync(ServerProcess.Password);
        await admin.InDialog(AriaRole.Button, "Create").ClickAsync();
        await Expect(admin.Dialog.GetByRole(AriaRole.Alert).First).ToContainTextAsync("taken");
        await Expect(admin.Dialog.GetByLabel("Password")).ToHaveValueAsync(ServerProcess.Password);
        await admin.Dialog.GetByLabel("Username").FillAsync(name);
        await admin.InDialog(AriaRole.Button, "Create").ClickAsync();

        await admin.InDialog(AriaRole.Tab, "Limits").ClickAsync();
        await admin.Dialog.GetByLabel("Sessions at a time").FillAsync("2");
        await admin.Dialog.GetByLabel("Hours a month").FillAsync("7.5");
        await admin.InDialog(AriaRole.Button, "Save limits").ClickAsync();
        await admin.See("The limits are saved");
        var me = await Server.Json(HttpMethod.Get, "api/users/me", await Server.LogIn(name, ServerProcess.Password));
        Assert.Equal((2, 7.5), (me["max_concurrent"]!.GetValue<int>(), me["monthly_hours"]!.GetValue<double>()));

        await admin.InDialog(AriaRole.Tab, "Suspend").ClickAsync();
        await Expect(admin.InDialog(AriaRole.Button, "Suspend")).ToBeDisabledAsync();
        await admin.Dialog.GetByLabel("Reason").FillAsync("Unpaid since May.");
        await admin.InDialog(AriaRole.Button, "Suspend").ClickAsync();
        await Expect(admin.Heading($"Suspend {name}?")).ToBeVisibleAsync();
        await admin.InDialog(AriaRole.Button, "Suspend").ClickAsync();
        await admin.See("This account is suspended");
        using (var refused = await Server.Send(HttpMethod.Post, "api/auth/login", null, new { username = name, password = ServerProcess.Password }))
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await admin.InDialog(AriaRole.Button, "Lift suspension").ClickAsync();
        await admin.See("may sign in again");
        await Server.LogIn(name, ServerProcess.Password);
        await admin.InDialog(AriaRole.Button, "Close").ClickAsync();

        await admin.Link("Audit").ClickAsync();
        await admin.Page.GetByLabel("Target").FillAsync(name);
        await admin.Page.GetByRole(AriaRole.Combobox, new() { Name = "Action" }).SelectOptionAsync("user.create");
        await Expect(admin.Page.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        Assert.Contains("action=user.create", admin.Page.Url, StringComparison.Ordinal);
    }

    [ConsoleFact]
    public async Task What_was_dropped_in_the_last_hour_is_exactly_what_that_figure_leads_to()
    {
        var (login, live) = await Mint();
        var gone = (await Server.Json(HttpMethod.Post, "credentials", login))["session_id"]!.GetValue<string>();
        await Server.Json(HttpMethod.Delete, $"api/sessions/{gone}", login);
        await using var admin = await chromium.OpenAsAdmin("overview");
        await admin.Page.GetByRole(AriaRole.Region, new() { Name = "Drops a minute" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Combobox, new() { Name = "Order" })).ToHaveValueAsync("-dropped_at");
        await Expect(admin.Page.GetByLabel("Dropped from")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^20"));
        await Expect(admin.Page.Locator($"a[href='sessions/{gone}']")).ToBeVisibleAsync();
        await Expect(admin.Page.Locator($"a[href='sessions/{live}']")).ToHaveCountAsync(0);

        // What is chosen next keeps what was typed and not applied yet; what is not dropped is not sorted by its drop.
        var node = (await Server.Json(HttpMethod.Get, $"api/sessions/{live}", login))["node_id"]!.GetValue<string>();
        await admin.Page.GetByLabel("Node", new() { Exact = true }).FillAsync(node);
        await admin.Page.GetByRole(AriaRole.Combobox, new() { Name = "State" }).SelectOptionAsync("provisioned");
        await Expect(admin.Page.GetByLabel("Node", new() { Exact = true })).ToHaveValueAsync(node);
        await Expect(admin.Page.GetByRole(AriaRole.Combobox, new() { Name = "Order" })).ToHaveValueAsync("-created_at");
        await Expect(admin.Page.Locator($"a[href='sessions/{live}']")).ToBeVisibleAsync();
    }

    [ConsoleFact]
    public async Task Many_sessions_are_dropped_at_once_and_never_one_that_was_not_chosen_or_is_dropped_already()
    {
        var name = Chromium.NewName("many");
        await Server.CreateUser(name);
        var login = await Server.LogIn(name, ServerProcess.Password);
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
            ids.Add((await Server.Json(HttpMethod.Post, "credentials", login))["session_id"]!.GetValue<string>());
        await using var admin = await chromium.OpenAsAdmin($"sessions?user={name}");
        await admin.Page.GetByLabel("Select all that can be dropped").CheckAsync();
        await admin.See("4 chosen");
        await admin.Page.GetByLabel($"Select {ids[3]}").UncheckAsync();
        await Server.Json(HttpMethod.Delete, $"api/sessions/{ids[0]}", login);
        await admin.See("2 chosen");
        await Expect(admin.Page.GetByLabel($"Select {ids[0]}")).ToBeDisabledAsync();

        await admin.Button("Drop").ClickAsync();
        await Expect(admin.Heading("Drop 2 sessions?")).ToBeVisibleAsync();
        await admin.See($"The list is filtered: of {name}.");
        await admin.InDialog(AriaRole.Button, "Cancel").ClickAsync();
        await admin.See("2 chosen");
        Assert.Equal("provisioned", await State(ids[1]));
        await admin.Button("Drop").ClickAsync();
        await admin.InDialog(AriaRole.Button, "Drop").ClickAsync();
        await admin.See("2 dropped");
        await admin.InDialog(AriaRole.Button, "Close").ClickAsync();
        Assert.Equal(["dropped", "dropped", "dropped", "provisioned"], await Task.WhenAll(ids.Select(State)));
    }

    [ConsoleFact]
    public async Task Two_administrators_who_edit_one_user_at_once_keep_each_others_changes()
    {
        var name = Chromium.NewName("shared");
        var id = await Server.CreateUser(name);
        await using var admin = await chromium.OpenAsAdmin($"users/{id}?section=limits");
        await Expect(admin.Dialog.GetByLabel("Sessions at a time")).ToHaveValueAsync("5");
        await Server.Json(HttpMethod.Patch, $"api/admin/users/{id}", await Server.LogInAsAdmin(), new { monthly_hours = 9, api_keys_enabled = true });
        await admin.Dialog.GetByLabel("Sessions at a time").FillAsync("2");
        await admin.InDialog(AriaRole.Button, "Save limits").ClickAsync();
        await admin.See("The limits are saved");
        await Expect(admin.Dialog.GetByLabel("Hours a month")).ToHaveValueAsync("9");
        var user = await Server.Json(HttpMethod.Get, $"api/admin/users/{id}", await Server.LogInAsAdmin());
        Assert.Equal((2, 9.0), (user["max_concurrent"]!.GetValue<int>(), user["monthly_hours"]!.GetValue<double>()));
        await admin.InDialog(AriaRole.Tab, "Permissions").ClickAsync();
        await Expect(admin.InDialog(AriaRole.Switch, "API Keys")).ToBeCheckedAsync();
    }

    async Task<(string Login, string SessionId)> Mint()
    {
        var name = Chromium.NewName("minter");
        await Server.CreateUser(name);
        var login = await Server.LogIn(name, ServerProcess.Password);
        return (login, (await Server.Json(HttpMethod.Post, "credentials", login))["session_id"]!.GetValue<string>());
    }

    async Task<string> State(string session) =>
        (await Server.Json(HttpMethod.Get, $"api/admin/sessions/{session}", await Server.LogInAsAdmin()))["state"]!.GetValue<string>();
}
