using System.Text.Json.Nodes;
using Bunit;
using SessionManager.Client;
using SessionManager.Console.Users;

namespace SessionManager.Tests.Users;

public class LimitsTests : ConsoleTest
{
    /// <summary>What is saved, as it goes over the wire.</summary>
    readonly List<JsonObject> _saved = [];

    IRenderedComponent<Limits> Open()
    {
        Server.Answers("PATCH /api/admin/users/usr_noah", """{"id":"usr_noah","username":"noah","created_at":"2026-01-01T00:00:00Z","is_admin":false,"api_keys_enabled":true,"suspended":false,"max_concurrent":5,"active_count":0}""");
        var client = Services.GetService<SessionManagerClient>()!;
        return Render<Limits>(parameters => parameters
            .Add(limits => limits.User, User("noah"))
            .Add(limits => limits.Save, async change =>
            {
                await client.Admin.Users.UpdateAsync("usr_noah", change);
                _saved.Add(JsonNode.Parse(Server.Calls.Last().Body!)!.AsObject());
            }));
    }

    [Fact]
    public void Only_what_was_changed_is_sent_so_that_another_administrators_change_stays()
    {
        SignIn(admin: true, name: "root");
        var limits = Open();
        limits.FindAll("input")[1].Input("7.5");
        limits.Find("form").Submit();
        limits.WaitForAssertion(() => Assert.Equal(["monthly_hours"], Assert.Single(_saved).Select(member => member.Key)));
    }

    [Fact]
    public void Nothing_is_sent_where_nothing_was_changed()
    {
        SignIn(admin: true, name: "root");
        var limits = Open();
        limits.Find("form").Submit();
        Assert.Empty(_saved);
    }
}
