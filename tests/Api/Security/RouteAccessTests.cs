using SessionManager.Api.Auth;
using SessionManager.Tests.Auth;

namespace SessionManager.Tests.Security;

public class RouteAccessTests
{
    /// <summary>
    /// What a route declares decides who may call it; this is who should, by the contract. A new route, or one opened to others,
    /// is a line of difference here.
    /// </summary>
    [Fact]
    public async Task Every_route_is_open_to_whom_the_contract_says_and_to_nobody_else()
    {
        var approved = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Security", "route-access.txt"));
        var actual = (await Route.All()).Select(route => $"{route.Method} {route.Pattern} = {Describe(route.Access!)}").Order(StringComparer.Ordinal).ToArray();
        Assert.True(
            approved.SequenceEqual(actual),
            $"Not as approved:\n+ {string.Join("\n+ ", actual.Except(approved))}\n- {string.Join("\n- ", approved.Except(actual))}");
    }

    static string Describe(Access access)
    {
        var who = access is { IsAnonymous: true, ChecksCredential: true } ? "anyone but a key"
            : access.IsAnonymous ? "anyone"
            : access.ForSpectators ? "spectator token of the broadcast"
            : !access.KeysAllowed ? "login"
            : access.Scope is { } scope ? $"login, key with {scope}"
            : "login, any key";
        return (access.AdminOnly ? "administrator's " : "") + who;
    }
}
