using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionManager.Accounts;
using SessionManager.Configuration;
using SessionManager.Hosting;
using SessionManager.Nodes;
using SessionManager.Secrets;
using SessionManager.Sessions;
using SessionManager.Storage;

namespace SessionManager.Tests.Configuration;

public class SettingsTests
{
    [Fact]
    public void What_is_not_set_is_as_the_documentation_says()
    {
        var sessions = Read<SessionOptions>(SessionOptions.Section);

        Assert.Equal((600, 900, 30, 86_400), (sessions.TokenSeconds, sessions.IdleSeconds, sessions.SweepSeconds, sessions.RetentionSeconds));
        Assert.Equal(15, Read<NodeOptions>(NodeOptions.Section).LeaseSeconds);
        Assert.Equal((5, 600), Read<AccountOptions>(AccountOptions.Section) is var account ? (account.MaxConcurrent, account.RequestsPerMinute) : default);
    }

    [Fact]
    public void Settings_are_read_by_their_names_whatever_the_case()
    {
        var account = Read<AccountOptions>(AccountOptions.Section, ("accounts:maxconcurrent", "7"), ("Accounts:MonthlyHours", "1.5"));

        Assert.Equal((7, 1.5), (account.MaxConcurrent, account.MonthlyHours));
        Assert.Equal(StorageProvider.PostgreSQL, Read<StorageOptions>(StorageOptions.Section, ("Storage:Provider", "postgresql")).Provider);
        Assert.True(Read<Switch>("Light", ("Light:IsOn", "true")).IsOn);
    }

    [Theory]
    [InlineData("Sessions:TokenSeconds", "0", "Sessions__TokenSeconds is '0'; it must be a whole number from 1 to 86400.")]
    [InlineData("Sessions:TokenSeconds", "-5", "Sessions__TokenSeconds is '-5'; it must be a whole number from 1 to 86400.")]
    [InlineData("Sessions:TokenSeconds", "1.5", "Sessions__TokenSeconds is '1.5'; it must be a whole number from 1 to 86400.")]
    [InlineData("Sessions:TokenSeconds", "99999999999999", "Sessions__TokenSeconds is '99999999999999'; it must be a whole number from 1 to 86400.")]
    [InlineData("Nodes:LeaseSeconds", "soon", "Nodes__LeaseSeconds is 'soon'; it must be a whole number from 1 to 3600.")]
    [InlineData("Telemetry:PrometheusPort", "0", "Telemetry__PrometheusPort is '0'; it must be a whole number from 1 to 65535.")]
    [InlineData("Accounts:MonthlyHours", "Infinity", "Accounts__MonthlyHours is 'Infinity'; it must be a number from 0 to 10000000.")]
    [InlineData("Accounts:MonthlyHours", "NaN", "Accounts__MonthlyHours is 'NaN'; it must be a number from 0 to 10000000.")]
    [InlineData("Storage:Provider", "Oracle", "Storage__Provider is 'Oracle'; it must be SQLite or PostgreSQL.")]
    [InlineData("Storage:Provider", "7", "Storage__Provider is '7'; it must be SQLite or PostgreSQL.")]
    [InlineData("Storage:Provider", "PostgreSQL", "Storage__Provider is PostgreSQL; Storage__ConnectionString must say where the database is.")]
    [InlineData("Storage:ConnectionString", "whatever", null)]
    [InlineData("Sessions:IdleSeconds", "60", "Sessions__IdleSeconds (60) must not be shorter than Sessions__TokenSeconds (600).")]
    [InlineData("Keys:Prefix", "", null)]
    [InlineData("Keys:Prefix", "Odn", "Keys__Prefix is 'Odn'; it must be 1 to 15 lowercase letters and digits and an underscore.")]
    public void An_impossible_setting_is_named_with_what_it_must_be(string name, string value, string? message) =>
        Assert.Equal(message is null ? [] : [message], Problems((name, value)));

    [Fact]
    public void A_switch_is_on_or_off_and_nothing_between()
    {
        var (settings, services) = (Given([("Light:IsOn", "perhaps")]), new ServiceCollection());
        settings.Add<Switch>(services, "Light");
        using var provider = services.BuildServiceProvider();

        var problem = Assert.Throws<StartupException>(() => settings.ThrowIfWrong(provider));

        Assert.Equal(["Light__IsOn is 'perhaps'; it must be true or false."], problem.Lines);
    }

    [Fact]
    public void A_mistyped_setting_is_told()
    {
        var settings = Given([("Sessions:TokenSecond", "5"), ("sessions:tokenseconds", "5"), ("Signing:MasterKey", "x"), ("Elsewhere:X", "y")]);
        HostSettings.Read(settings, new ServiceCollection());
        settings.Text(SessionManager.Secrets.MasterKey.Setting);

        Assert.Equal(["Sessions__TokenSecond"], settings.Unknown());
    }

    [Fact]
    public void A_text_that_is_no_connection_string_is_told_without_its_password()
    {
        var problem = Assert.Single(Problems(("Storage:Provider", "PostgreSQL"), ("Storage:ConnectionString", "Password=secret;Colour=red")));

        Assert.StartsWith("Storage__ConnectionString is no connection string: ", problem, StringComparison.Ordinal);
        Assert.Contains("Colour", problem, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var problems = Problems(("Sessions:TokenSeconds", "x"), ("Sessions:SweepSeconds", "0"), ("Nodes:LeaseSeconds", "-1"), ("Storage:Provider", "x"));

        Assert.Equal(4, problems.Count);
    }

    sealed class Switch
    {
        public bool IsOn { get; set; }
    }

    static T Read<T>(string section, params (string, string)[] given) where T : class, new()
    {
        var services = new ServiceCollection();
        Given(given).Add<T>(services, section);
        return services.BuildServiceProvider().GetRequiredService<IOptions<T>>().Value;
    }

    static IReadOnlyList<string> Problems(params (string, string)[] given)
    {
        var (settings, services) = (Given(given), new ServiceCollection());
        HostSettings.Read(settings, services);
        using var provider = services.BuildServiceProvider();
        return Record.Exception(() => settings.ThrowIfWrong(provider)) is StartupException problem ? problem.Lines : [];
    }

    static Settings Given((string Name, string Value)[] given) => new(
        new ConfigurationBuilder().AddInMemoryCollection(given.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value))).Build());
}
