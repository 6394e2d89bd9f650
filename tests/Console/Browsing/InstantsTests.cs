using Microsoft.Extensions.DependencyInjection;
using SessionManager.Console.Browsing;

namespace SessionManager.Tests.Browsing;

public class InstantsTests : ConsoleTest
{
    static readonly DateTimeOffset Time10 = new(2026, 11, 26, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("local", "2026-11-26T12:00")]
    [InlineData("utc", "2026-11-26T10:00")]
    public void A_field_is_of_the_zone_that_times_are_shown_in_and_an_address_of_none(string times, string field)
    {
        var preferences = Services.GetRequiredService<Preferences>();
        preferences.Times = times;
        Assert.Equal(field, Browser.Field(Time10, preferences));
        Assert.Equal(Time10, Browser.Instant(field, preferences));
        Assert.Equal("2026-11-26T10:00:00Z", ((DateTimeOffset?)Time10).ForAddress());
        Assert.Equal(Time10, Instants.FromAddress("2026-11-26T10:00:00Z"));
    }

    [Fact]
    public void What_is_no_time_is_none()
    {
        Assert.Null(Instants.FromAddress("yesterday"));
        Assert.Null(Browser.Instant("", Services.GetRequiredService<Preferences>()));
        Assert.Null(Browser.Field(null, Services.GetRequiredService<Preferences>()));
    }
}
