using Bunit;
using SessionManager.Console.Audit;

namespace SessionManager.Tests.Audit;

public class AuditPageTests : ConsoleTest
{
    static string Entry(int number) =>
        $$"""{"at":"2026-11-26T11:{{number % 60:00}}:00Z","actor":"usr_mia","action":"key.create","target":"key_{{number}}","request_id":"r{{number}}"}""";

    [Fact]
    public void The_file_has_all_pages_of_the_filter_that_is_shown()
    {
        SignIn(admin: true);
        List<string?> filters = [];
        Server.Answers("GET /api/admin/audit", request =>
        {
            var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri!.Query);
            filters.Add(query["action"]);
            var from = int.Parse(query["cursor"] ?? "0", null);
            var next = from < 400 ? $"\"{from + 200}\"" : "null";
            return $$"""{"data":[{{string.Join(',', Enumerable.Range(from, 200).Select(Entry))}}],"cursor":{{next}}}""";
        });
        Navigation.NavigateTo("audit?action=key.create");
        var page = Render<AuditPage>();
        page.WaitForElement("tbody tr");
        page.FindAll("button").Single(button => button.TextContent.Trim() == "Export CSV").Click();
        page.WaitForAssertion(() => Assert.Single(Browser.Downloaded));
        var lines = Browser.Downloaded[0].Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + 600, lines.Length);
        Assert.All(filters, filter => Assert.Equal("key.create", filter));
    }
}
