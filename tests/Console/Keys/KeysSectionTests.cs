using Bunit;
using SessionManager.Console.Keys;

namespace SessionManager.Tests.Keys;

public class KeysSectionTests : ConsoleTest
{
    [Fact]
    public void Where_keys_are_not_enabled_the_section_says_so_and_who_can_change_it()
    {
        Server.Answers("GET /api/users/me", """{"id":"usr_mia","username":"mia","created_at":"2026-01-01T00:00:00Z","is_admin":false,"api_keys_enabled":false,"suspended":false,"max_concurrent":5,"active_count":0}""");
        SignIn(keys: false);
        var section = Render<KeysSection>();
        Assert.Contains("not enabled for your account", section.Markup, StringComparison.Ordinal);
        Assert.Contains("administrator can enable", section.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Generate new key", section.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(Server.Calls, call => call.Call.EndsWith("/keys", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_away_is_said_and_asked_again_by_itself()
    {
        SignIn();
        Server.Fails("GET /api/users/me/keys");
        var section = Render<KeysSection>();
        await ShowsInTime(section, "did not answer");
        Server.Answers("GET /api/users/me/keys", """{"data":[]}""");
        await ShowsInTime(section, "No keys yet");
    }
}
