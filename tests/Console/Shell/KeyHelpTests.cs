using Bunit;
using SessionManager.Console.Shell;

namespace SessionManager.Tests.Shell;

public class KeyHelpTests : ConsoleTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keys_that_lead_to_administration_are_told_to_administrators_alone(bool admin)
    {
        SignIn(admin);
        var help = Render<KeyHelp>();
        Browser.Press("?");
        help.WaitForAssertion(() => Assert.Contains("g s", help.Markup, StringComparison.Ordinal));
        foreach (var what in new[] { "Overview", "Users", "Audit" })
            Assert.Equal(admin, help.Markup.Contains(what, StringComparison.Ordinal));
        Browser.Press("g");
        Browser.Press("a");
        Assert.Equal(admin, Navigation.Uri.EndsWith("/audit", StringComparison.Ordinal));
    }
}
