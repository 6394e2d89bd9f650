using System.Text.Json.Nodes;
using SessionManager.Api.Auth;
using SessionManager.Api.Tokens;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Auth;

/// <summary>Every route against every kind of caller. What is allowed is read from the route's own declaration.</summary>
public class AuthorizationMatrixTests
{
    [Fact]
    public async Task Every_route_declares_who_may_call_it()
    {
        var undeclared = (await Route.All()).Where(route => route.Access is null);
        Assert.Empty(undeclared);
    }

    [Fact]
    public async Task Administration_setup_and_key_management_are_open_to_no_key()
    {
        var routes = (await Route.All()).Where(route =>
            route.Pattern.StartsWith("/api/admin", StringComparison.Ordinal)
            || route.Pattern.StartsWith("/api/setup", StringComparison.Ordinal)
            || route.Pattern.Contains("/keys", StringComparison.Ordinal));
        Assert.All(routes, route => Assert.False(route.Access!.KeysAllowed, route.ToString()));
    }

    [Fact]
    public async Task Without_a_credential_every_other_route_answers_unauthenticated()
    {
        var server = await TestServer.OnSqlite();
        var nobody = new TestCaller(server.Http, null);
        foreach (var route in (await Route.All()).Where(route => !route.Access!.IsAnonymous))
        {
            using var response = await nobody.Send(new HttpMethod(route.Method), route.Path);
            await response.Problem(ErrorCatalogue.Unauthenticated);
            // A browser asks its user for a name and a password; no program is meant to read these pages.
            var challenge = route.IsOfDashboard ? "Basic realm=\"dashboard\", charset=\"UTF-8\"" : "Bearer realm=\"session-manager\"";
            Assert.Equal(challenge, response.Header("WWW-Authenticate"));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_key_opens_exactly_the_routes_of_its_scope_and_so_does_a_token_got_for_it(bool admin, bool exchanged)
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server, admin, keys: true);
        foreach (var scope in Scopes.All.Append(null))
        {
            var caller = await account.WithKey(scope is null ? [] : [scope]);
            if (exchanged)
                caller = new TestCaller(server.Http, await Exchange(server, caller.Credential!));
            foreach (var route in (await Route.All()).Where(route => route.IsForCallers))
            {
                var access = route.Access!;
                var inScope = access.KeysAllowed && (access.Scope is null || access.Scope == scope);
                using var response = await caller.Send(new HttpMethod(route.Method), route.Path);
                if (!inScope)
                {
                    var problem = await response.Problem(ErrorCatalogue.InsufficientScope);
                    if (access.Scope is not null)
                        Assert.Contains(access.Scope, problem.Text("detail"), StringComparison.Ordinal);
                    Assert.Contains("error=\"insufficient_scope\"", response.Header("WWW-Authenticate"), StringComparison.Ordinal);
                }
                else if (access.AdminOnly && !admin)
                    await response.Problem(ErrorCatalogue.Forbidden);
                else
                    await AssertLetIn(route, response);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_is_not_scope_checked_and_administration_needs_an_administrator(bool admin)
    {
        var server = await TestServer.OnSqlite();
        var caller = await (await TestAccount.Open(server, admin, keys: false)).WithLogin();
        foreach (var route in (await Route.All()).Where(route => route.IsForCallers))
        {
            using var response = await caller.Send(new HttpMethod(route.Method), route.Path);
            if (route.Access!.AdminOnly && !admin)
                await response.Problem(ErrorCatalogue.Forbidden);
            else
                await AssertLetIn(route, response);
        }
    }

    [Theory]
    [InlineData(TokenPurpose.Session)]
    [InlineData(TokenPurpose.Spectator)]
    public async Task A_session_or_spectator_token_opens_no_route(TokenPurpose purpose)
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server, admin: true);
        var token = await server.Tokens.Create(purpose, account.Id, server.Time.GetUtcNow(), server.Time.GetUtcNow().AddMinutes(5), new()
        {
            [TokenService.EpochClaim] = 0,
            [TokenService.SessionIdClaim] = "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        });
        var caller = new TestCaller(server.Http, token);
        foreach (var route in (await Route.All()).Where(route => !route.Access!.IsAnonymous))
            await caller.Send(new HttpMethod(route.Method), route.Path).Problem(ErrorCatalogue.InvalidToken);
    }

    [Fact]
    public async Task A_spectator_token_opens_the_routes_of_its_broadcast_and_no_others_and_nothing_else_opens_those()
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server, admin: true);
        var (broadcastId, now) = (BroadcastIds.Random(TestServer.Random), server.Time.GetUtcNow());
        var spectator = new TestCaller(
            server.Http, await server.Tokens.ForSpectator(broadcastId, $"broadcasts/{broadcastId}", now, now.AddMinutes(5), limit: null));
        TestCaller[] others = [await account.WithLogin(), await account.WithKey([.. Scopes.All])];
        var routes = await Route.All();
        Assert.Contains(routes, route => route.Access!.ForSpectators);
        foreach (var route in routes.Where(route => !route.Access!.IsAnonymous))
        {
            var (method, path) = (new HttpMethod(route.Method), route.Pattern.Replace("{broadcast_id}", broadcastId, StringComparison.Ordinal));
            if (!route.Access!.ForSpectators)
            {
                await spectator.Send(method, route.Path).Problem(ErrorCatalogue.InvalidToken);
                continue;
            }

            using var response = await spectator.Send(method, path);
            await AssertLetIn(route, response);
            foreach (var other in others)
                await other.Send(method, path).Problem(ErrorCatalogue.InvalidToken);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_suspended_account_is_refused_everywhere_and_a_mint_says_it_as_a_usage_error(bool login)
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server, admin: true);
        var caller = login ? await account.WithLogin() : await account.WithKey([.. Scopes.All]);
        await account.Grain.Change(new() { Suspended = true, Reason = "Unpaid." });
        foreach (var route in (await Route.All()).Where(route => route.IsForCallers))
        {
            var refused = caller.Send(new HttpMethod(route.Method), route.Path);
            await refused.Problem(route.Access!.Mints ? ErrorCatalogue.AccountSuspended : ErrorCatalogue.SuspendedAccount);
        }
    }

    /// <summary>It reached the route; what that says of what does not exist is its own affair.</summary>
    static async Task AssertLetIn(Route route, HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return;
        var text = await response.Content.ReadAsStringAsync();
        var code = text.StartsWith('{') ? JsonNode.Parse(text)!["code"]?.GetValue<string>() : null;
        Assert.False(
            code is ErrorCatalogue.Unauthenticated or ErrorCatalogue.InvalidToken or ErrorCatalogue.InvalidKey
                or ErrorCatalogue.InsufficientScope or ErrorCatalogue.Forbidden or ErrorCatalogue.MethodNotAllowed
                || code is ErrorCatalogue.Internal && !route.IsOfDashboard,
            $"{route}: {text}");
    }

    static async Task<string> Exchange(TestServer server, string key) =>
        (await new TestCaller(server.Http, null).Post("/auth/token", $$"""{"api_key":"{{key}}"}""").Json()).Text("access_token");
}
