using Bunit;
using SessionManager.Console.Overview;

namespace SessionManager.Tests.Overview;

public class OverviewPageTests : ConsoleTest
{
    [Fact]
    public void What_the_charts_show_is_in_the_table_minute_by_minute()
    {
        // Two live now; the last full minute minted three and dropped two, so one lived before it.
        var now = Time.GetUtcNow();
        var minutes = Enumerable.Range(0, 61).Select(index => $$"""
            {"minute":"{{now.AddMinutes(index - 60):O}}","minted":{{(index == 59 ? 3 : 0)}},"connected":0,"dropped":{{(index == 59 ? 2 : 0)}},"refused":{{(index < 30 ? "null" : "0")}}}
            """);
        Server.Answers("GET /api/admin/overview", $$"""
            {"at":"{{now:O}}","sessions":{"provisioned":1,"connected":1},"slots":{"used":2,"limit":10},"places":{"used":2,"limit":4},"nodes":{"live":1,"draining":0,"lost":0,"full":0},
            "waiting":0,"refusals_since":"{{now.AddMinutes(-30):O}}","minutes":[{{string.Join(',', minutes)}}],"drops":[],"refusals":[]}
            """);
        SignIn(admin: true);
        var page = Render<OverviewPage>();
        page.WaitForAssertion(() => Assert.Equal(61, page.FindAll("tbody tr").Count));
        Assert.Equal(["Live", "Minted", "Refused", "Connected", "Dropped"], page.FindAll("thead th").Skip(1).Select(head => head.TextContent));
        string[] Row(int index) => [.. page.FindAll("tbody tr")[index].QuerySelectorAll("td").Select(cell => cell.TextContent)];
        Assert.Equal(["2", "0", "0", "0", "0"], Row(0));
        Assert.Equal(["2", "3", "0", "0", "2"], Row(1));
        Assert.Equal(["1", "0", "0", "0", "0"], Row(2));
        Assert.Equal("not known", Row(60)[2]);
        Assert.Contains(page.FindAll("svg.chart").Select(chart => chart.GetAttribute("aria-label")), label => label!.StartsWith("2 live now", StringComparison.Ordinal));
    }
}
