using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class PhoneTests(Chromium chromium) : IClassFixture<Chromium>
{
    [ConsoleFact]
    public async Task A_list_comes_before_its_filters_which_say_how_many_are_set()
    {
        await using var window = await chromium.OpenAsAdmin("audit");
        await window.Page.SetViewportSizeAsync(360, 780);
        await Pages.Show(window, "audit", Pages.List("Audit entries"));
        var action = window.Page.GetByRole(AriaRole.Combobox, new() { Name = "Action" });
        await Expect(action).ToBeHiddenAsync();
        await Expect(window.Page.Locator(Pages.List("Audit entries")).First).ToBeInViewportAsync();
        await window.Button("Filters").ClickAsync();
        await action.SelectOptionAsync("login.succeeded");
        await Expect(window.Button("Filters (1 set)")).ToBeVisibleAsync();
        await window.Button("Filters (1 set)").ClickAsync();
        await Expect(action).ToBeHiddenAsync();

        await Pages.Show(window, "sessions?region=nowhere&state=connected&sort=created_at", ".empty:has-text('No session matches')");
        await Expect(window.Button("Filters (2 set)")).ToBeVisibleAsync();
        await window.Page.SetViewportSizeAsync(1280, 800);
        await Expect(window.Button("Filters (2 set)")).ToBeHiddenAsync();
        await Expect(window.Page.GetByRole(AriaRole.Combobox, new() { Name = "State" })).ToHaveValueAsync("connected");
    }

    [ConsoleFact]
    public async Task Every_section_of_a_user_and_the_whole_of_a_search_field_are_in_view()
    {
        await using var window = await chromium.OpenAsAdmin("users");
        await window.Page.SetViewportSizeAsync(360, 780);
        var search = window.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" });
        Assert.True(await search.EvaluateAsync<bool>("field => field.offsetWidth > 200"));
        await window.Link("demo").ClickAsync();
        foreach (var section in new[] { "Permissions", "Limits", "Keys", "Sessions", "Usage", "Password", "Suspend" })
            await Expect(window.InDialog(AriaRole.Tab, section)).ToBeInViewportAsync(new() { Ratio = 1 });
    }
}
