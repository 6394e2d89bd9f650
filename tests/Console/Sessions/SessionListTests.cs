using System.Net;
using Bunit;
using SessionManager.Console.Sessions;

namespace SessionManager.Tests.Sessions;

public class SessionListTests : ConsoleTest
{
    const string List = "GET /api/sessions";

    [Fact]
    public void Of_ten_thousand_sessions_one_page_is_in_the_document_and_the_next_takes_its_place()
    {
        SignIn();
        const int all = 10_000;
        Server.Answers(List, request =>
        {
            var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri!.Query);
            var (from, limit) = (int.Parse(query["cursor"] ?? "0", null), int.Parse(query["limit"]!, null));
            var page = string.Join(',', Enumerable.Range(from, Math.Min(limit, all - from)).Select(number => Session($"ses_{number:00000}", minutes: number)));
            return $$"""{"data":[{{page}}],"cursor":"{{from + limit}}"}""";
        });
        var list = Render<SessionList>();
        list.WaitForElement("a[href='sessions/ses_00000']");
        Assert.Equal(50, list.FindAll("tbody tr").Count);

        Navigation.NavigateTo(list.Find("nav[aria-label=Pages] a").GetAttribute("href")!);
        list.WaitForElement("a[href='sessions/ses_00050']");
        Assert.Equal(50, list.FindAll("tbody tr").Count);
        Assert.Empty(list.FindAll("a[href='sessions/ses_00000']"));
    }

    [Fact]
    public async Task Too_many_requests_are_said_with_the_wait()
    {
        SignIn();
        Server.Limits(List, 30);
        var list = Render<SessionList>();
        await ShowsInTime(list, "It can be tried again in 30 s.");
        Server.Answers(List, $$"""{"data":[{{Session("ses_a")}}]}""");
        list.Find("[role=alert] button").Click();
        list.WaitForElement("a[href='sessions/ses_a']");
    }

    [Fact]
    public async Task Dropping_many_names_filter_and_number_takes_no_dropped_one_and_reports_row_by_row()
    {
        SignIn();
        Server.Answers(List, $$"""{"data":[{{Session("ses_a")}},{{Session("ses_b", "connected")}},{{Session("ses_gone", "dropped", reason: "idle")}},{{Session("ses_kept")}}]}""");
        Server.Answers("DELETE /api/sessions/ses_a", Session("ses_a", "dropped", reason: "terminated"));
        Server.Answers("DELETE /api/sessions/ses_b", """{"code":"storage_unavailable","title":"Storage does not answer."}""", HttpStatusCode.ServiceUnavailable);
        Navigation.NavigateTo("sessions?region=eu-west");
        var list = Render<SessionList>();
        list.WaitForElement("input[aria-label='Select ses_a']");
        Assert.True(list.Find("input[aria-label='Select ses_gone']").HasAttribute("disabled"));
        Assert.Empty(list.FindAll(".chosen"));
        list.Find("input[aria-label='Select ses_a']").Change(true);
        list.Find("input[aria-label='Select ses_b']").Change(true);
        list.Find(".chosen button").Click();

        Assert.Contains("Drop 2 sessions?", list.Markup, StringComparison.Ordinal);
        Assert.Contains("The list is filtered: in eu-west.", list.Markup, StringComparison.Ordinal);
        Assert.Equal(2, list.FindAll("dialog .outcomes li").Count);
        list.FindAll("dialog .modal-actions button").Single(button => button.TextContent.Trim() == "Drop").Click();
        await ShowsInTime(list, "1 dropped, 1 failed");
        var rows = list.FindAll("dialog .outcomes li");
        Assert.Contains("Dropped", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("Storage does not answer", rows[1].TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(Server.Calls, call => call.Call is "DELETE /api/sessions/ses_kept" or "DELETE /api/sessions/ses_gone");
    }
}
