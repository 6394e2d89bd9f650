using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Users;

namespace SessionManager.Tests.Dashboard;

/// <summary>Orleans' dashboard where everything is one process; the tests of the cluster hold it on a front end.</summary>
public class DashboardTests
{
    [Fact]
    public async Task A_browser_is_asked_for_an_administrators_name_and_password_once_and_sees_the_grains()
    {
        await using var server = await TestServer.Start();
        var admin = await TestUser.Join(server, """{"is_admin":true}""");
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server.Address };

        using (var asked = await browser.GetAsync("/dashboard/"))
            Assert.StartsWith("Basic ", asked.Header("WWW-Authenticate"), StringComparison.Ordinal);
        using (var page = await SendPassword(browser, "/dashboard/", admin.Name, TestUser.DefaultPassword))
        {
            Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
            Assert.Contains("index.min.js", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var grains = await browser.GetAsync("/dashboard/GrainTypes");
        Assert.Equal(HttpStatusCode.OK, grains.StatusCode);
        Assert.Contains("SessionGrain", await grains.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_but_an_administrator_sees_anything_of_the_dashboard()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.WithKeys(server);
        var key = await (await TestAccount.Open(server, admin: true)).WithKey(Scopes.SessionsRead);

        foreach (var path in new[] { "/dashboard/", "/dashboard/index.min.js", "/dashboard/ClusterStats" })
        {
            await TestUser.Nobody(server).Get(path).Problem(ErrorCatalogue.Unauthenticated);
            await key.Get(path).Problem(ErrorCatalogue.InsufficientScope);
            await user.Login.Get(path).Problem(ErrorCatalogue.Forbidden);
            await Task.FromResult(await SendPassword(server.Http, path, user.Name, TestUser.DefaultPassword)).Problem(ErrorCatalogue.Forbidden);
            await Task.FromResult(await SendPassword(server.Http, path, user.Name, "wrong")).Problem(ErrorCatalogue.Unauthenticated);
        }
    }

    [Fact]
    public async Task A_grains_state_and_the_log_are_shown_to_no_administrator_either()
    {
        var server = await TestServer.OnSqlite();
        var admin = await TestUser.Join(server, """{"is_admin":true}""");

        using var state = await admin.Login.Get($"/dashboard/GrainState?grainId={admin.Id}&grainType=SessionManager.Users.UserGrain");
        Assert.Equal(HttpStatusCode.NotFound, state.StatusCode);
        Assert.DoesNotContain("passwordHash", await state.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        using var trace = await admin.Login.Get("/dashboard/Trace");
        Assert.Equal(HttpStatusCode.Forbidden, trace.StatusCode);
    }

    [Fact]
    public async Task The_dashboard_can_be_left_out()
    {
        await using var server = await TestServer.Start(settings: "--Dashboard:Enabled=false");
        var admin = await TestAccount.Open(server, admin: true);

        using var page = await (await admin.WithLogin()).Get("/dashboard/");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    static Task<HttpResponseMessage> SendPassword(HttpClient http, string path, string name, string password)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
        return http.SendAsync(request);
    }
}
