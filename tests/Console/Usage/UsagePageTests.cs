using Bunit;
using SessionManager.Console.Usage;

namespace SessionManager.Tests.Usage;

public class UsagePageTests : ConsoleTest
{
    [Fact]
    public void What_is_used_and_left_and_when_it_begins_anew_is_told_with_the_hours_of_each_day()
    {
        var page = Show("40", """{"day":"2026-11-02","seconds":5400,"sessions":2},{"day":"2026-11-25","seconds":129600,"sessions":9}""");
        Assert.Equal(["37.5 hours", "2.5 of 40 hours", "in 4 d 2026-12-01 00:00:00, 00:00 UTC", "1 of 5"], Figures(page));
        Assert.Equal("94 % of the month's hours are used", page.Find(".wide-bar").GetAttribute("aria-label"));
        Assert.Single(page.FindAll(".capacity-taken.near"));
        Assert.Equal(2, page.FindAll(".chart-bar").Count);
        Assert.Equal(["2026-11-02 00:00:00|1.5|2", "2026-11-25 00:00:00|36|9"], page.FindAll("tbody tr").Select(row => string.Join('|', row.Children.Select(cell => cell.TextContent))));
    }

    [Fact]
    public void Where_there_is_no_limit_nothing_runs_out()
    {
        var page = Show("null", "");
        Assert.Equal("No limit", Figures(page)[1]);
        Assert.Empty(page.FindAll(".wide-bar"));
        Assert.Contains("Nothing was streamed this month", page.Markup, StringComparison.Ordinal);
    }

    IRenderedComponent<UsagePage> Show(string limit, string days)
    {
        Server.Answers("GET /api/usage", $$"""
            {"period_start":"2026-11-01T00:00:00Z","reset_date":"2026-12-01T00:00:00Z","used_hours":37.5,"limit_hours":{{limit}},"active_count":1,"limit":5,"days":[{{days}}]}
            """);
        SignIn();
        var page = Render<UsagePage>();
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".figures")));
        return page;
    }

    static string[] Figures(IRenderedComponent<UsagePage> page) =>
        [.. page.FindAll(".figures dd").Select(figure => string.Join(' ', figure.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
}
