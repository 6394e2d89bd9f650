using Bunit;
using SessionManager.Client;
using SessionManager.Console.Keys;

namespace SessionManager.Tests.Keys;

public class KeyTableTests : ConsoleTest
{
    ApiKey Key(string name, int? usedDaysAgo) => new($"key_{name}", name, "odn_abcdef", ["sessions:read"], Time.GetUtcNow().AddDays(-200),
        usedDaysAgo is { } days ? Time.GetUtcNow().AddDays(-days) : null);

    [Fact]
    public void Keys_never_used_and_not_used_for_90_days_stand_out()
    {
        var table = Render<KeyTable>(parameters => parameters
            .Add(t => t.Keys, [Key("fresh", 3), Key("stale", 91), Key("unused", null)]).Add(t => t.Revoke, _ => { }));
        var rows = table.FindAll("tbody tr").Select(row => row.Children[4].TextContent.Trim());
        Assert.Equal(["3 d ago", "Not for 90 days", "Never"], rows);
    }

    [Fact]
    public void A_hostile_name_is_text_and_stays_in_its_own_direction()
    {
        const string hostile = "<img src=x onerror=alert(1)> \u202Egnp.exe 🧨";
        var table = Render<KeyTable>(parameters => parameters.Add(t => t.Keys, [Key(hostile, 1)]).Add(t => t.Revoke, _ => { }));
        Assert.Empty(table.FindAll("img"));
        Assert.Equal(hostile, table.Find("th bdi").TextContent);
    }

    [Fact]
    public void Every_row_has_its_own_revoke_button()
    {
        ApiKey? revoked = null;
        var table = Render<KeyTable>(parameters => parameters.Add(t => t.Keys, [Key("a", 1), Key("b", 1)]).Add(t => t.Revoke, key => revoked = key));
        table.Find("button[aria-label='Revoke b']").Click();
        Assert.Equal("b", revoked?.Name);
    }
}
