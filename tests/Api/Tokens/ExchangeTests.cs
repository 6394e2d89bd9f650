using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Tokens;

/// <summary><c>POST /auth/token</c></summary>
public class ExchangeTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_key_is_exchanged_for_a_token_with_its_scopes(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var account = await TestAccount.Open(server);
        var key = await account.Key(Scopes.SessionsRead, Scopes.SessionsWrite);

        using var response = await Exchange(server, key);
        Assert.Equal("no-store", response.Header("Cache-Control"));
        var answer = await Task.FromResult(response).Json();

        Assert.Equal(["access_token", "token_type", "expires_in", "scope"], answer.Select(member => member.Key));
        Assert.Equal("Bearer", answer.Text("token_type"));
        Assert.Equal(3600, answer.Number("expires_in"));
        Assert.Equal("sessions:read sessions:write", answer.Text("scope"));
        var claims = Answers.Claims(answer.Text("access_token"));
        Assert.Equal(account.Id, claims.Text("sub"));
        Assert.Equal(KeyFormat.IdOf(KeyFormat.Hash(key)), claims.Text("key_id"));
        Assert.InRange(claims.Number("exp") - claims.Number("iat"), 3599, 3600);
    }

    [Theory]
    [InlineData("odn_")]
    [InlineData("")]
    [InlineData("ody_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("odn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("odn_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    public async Task What_is_not_shaped_like_a_key_is_told_so(string key) =>
        await Exchange(await TestServer.OnSqlite(), key).Problem(ErrorCatalogue.MalformedKey);

    [Fact]
    public async Task The_key_is_required()
    {
        var server = await TestServer.OnSqlite();
        var problem = await new TestCaller(server.Http, null).Post("/auth/token", "{}").Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(["api_key"], problem.Fields());
    }

    [Fact]
    public async Task An_unknown_key_is_refused() =>
        await Exchange(await TestServer.OnSqlite(), KeyFormat.Create(TestServer.Random)).Problem(ErrorCatalogue.InvalidKey);

    [Fact]
    public async Task A_key_of_an_account_without_key_access_is_refused_with_the_reason_the_client_shows()
    {
        var server = await TestServer.OnSqlite();
        var key = await (await TestAccount.Open(server, keys: false)).Key();
        var problem = await Exchange(server, key).Problem(ErrorCatalogue.KeysDisabled);
        Assert.StartsWith("API keys are not enabled for this account.", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_a_suspended_account_is_refused()
    {
        var server = await TestServer.OnSqlite();
        var account = await TestAccount.Open(server);
        var key = await account.Key();
        await account.Grain.Change(new() { Suspended = true, Reason = "Unpaid." });
        await Exchange(server, key).Problem(ErrorCatalogue.SuspendedAccount);
    }

    static Task<HttpResponseMessage> Exchange(TestServer server, string key) =>
        new TestCaller(server.Http, null).Post("/auth/token", $$"""{"api_key":"{{key}}"}""");
}
