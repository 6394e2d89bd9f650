using System.Buffers.Binary;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionManager.Api.Users;
using SessionManager.Errors;
using SessionManager.Users;

namespace SessionManager.Tests.Users;

public class LoginTests
{
    [Fact]
    public async Task A_user_logs_in_with_name_and_password()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        using var response = await TestUser.TrySignIn(server, user.Name.ToUpperInvariant(), TestUser.DefaultPassword);
        var answer = await Task.FromResult(response).Json();

        Assert.Equal(["access_token", "expires_in", "token_type"], answer.Select(member => member.Key).Order());
        Assert.Equal("Bearer", answer.Text("token_type"));
        Assert.Equal(3600, answer.Number("expires_in"));
        Assert.Equal("no-store", response.Header("Cache-Control"));
        Assert.Equal(user.Id, (await user.With(answer.Text("access_token")).Get("/api/users/me").Json()).Text("id"));
    }

    [Fact]
    public async Task An_unknown_name_is_told_from_a_wrong_password_by_no_word()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        var wrong = await TestUser.TrySignIn(server, user.Name, "wrong").Problem(ErrorCatalogue.InvalidLogin);
        var unknown = await TestUser.TrySignIn(server, TestServer.NewName("nobody"), "wrong").Problem(ErrorCatalogue.InvalidLogin);
        foreach (var problem in new[] { wrong, unknown })
            problem.Remove("request_id");
        Assert.Equal(wrong.ToJsonString(), unknown.ToJsonString());
    }

    [Fact]
    public async Task An_unknown_name_takes_as_long_as_a_wrong_password()
    {
        var hasher = new WatchedHasher();
        await using var server = await TestServer.StartWith(builder => builder.Services.AddSingleton<IPasswordHasher<string>>(hasher));
        var user = await TestUser.Join(server);

        foreach (var name in new[] { user.Name, TestServer.NewName("nobody") })
        {
            hasher.Rounds.Clear();
            await TestUser.TrySignIn(server, name, "wrong").Problem(ErrorCatalogue.InvalidLogin);
            Assert.Equal([WatchedHasher.RoundsOfAHash], hasher.Rounds);
        }
    }

    [Theory]
    [InlineData("{}", new[] { "username", "password" })]
    [InlineData("""{"username":"a"}""", new[] { "password" })]
    public async Task A_login_without_name_or_password_is_told_what_is_missing(string body, string[] fields)
    {
        var problem = await TestUser.Nobody(await TestServer.OnSqlite()).Post("/api/auth/login", body).Problem(ErrorCatalogue.InvalidValue);
        Assert.Equal(fields, problem.Fields());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_repeated_failures_the_next_login_has_to_wait_even_with_the_right_password(bool exists)
    {
        await using var server = await TestServer.Start();
        var name = exists ? (await TestUser.Join(server)).Name : TestServer.NewName("nobody");
        for (var failure = 0; failure < 5; failure++)
            await TestUser.TrySignIn(server, name, "wrong").Problem(ErrorCatalogue.InvalidLogin);

        using var refused = await TestUser.TrySignIn(server, name, TestUser.DefaultPassword);
        await refused.Problem(ErrorCatalogue.TooManyLogins);
        Assert.Equal("1", refused.Header("Retry-After"));

        server.Time.Advance(TimeSpan.FromSeconds(1));
        using var next = await TestUser.TrySignIn(server, name, "wrong");
        await next.Problem(ErrorCatalogue.InvalidLogin);
        using var doubled = await TestUser.TrySignIn(server, name, "wrong");
        await doubled.Problem(ErrorCatalogue.TooManyLogins);
        Assert.Equal("2", doubled.Header("Retry-After"));
    }

    [Fact]
    public async Task A_success_forgives_the_failures_before_it()
    {
        await using var server = await TestServer.Start();
        var user = await TestUser.Join(server);
        for (var round = 0; round < 3; round++)
        {
            for (var failure = 0; failure < 4; failure++)
                await TestUser.TrySignIn(server, user.Name, "wrong").Problem(ErrorCatalogue.InvalidLogin);
            await TestUser.SignIn(server, user.Name);
        }
    }

    [Fact]
    public async Task Failures_with_many_names_from_one_address_make_that_address_wait()
    {
        await using var server = await TestServer.Start(settings: ["--Logins:AddressFailures", "3"]);
        var user = await TestUser.Join(server);
        for (var failure = 0; failure < 3; failure++)
            await TestUser.TrySignIn(server, TestServer.NewName("nobody"), "wrong").Problem(ErrorCatalogue.InvalidLogin);

        using var refused = await TestUser.TrySignIn(server, user.Name, TestUser.DefaultPassword);
        await refused.Problem(ErrorCatalogue.TooManyLogins);
        Assert.Equal("1", refused.Header("Retry-After"));

        server.Time.Advance(TimeSpan.FromSeconds(1));
        await TestUser.SignIn(server, user.Name);
    }

    [Fact]
    public async Task Guesses_sent_all_at_once_get_no_more_tries_than_one_after_the_other()
    {
        await using var server = await TestServer.Start(settings: ["--Logins:HashConcurrency", "1"]);
        var user = await TestUser.Join(server);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            using var response = await TestUser.TrySignIn(server, user.Name, "wrong");
            return (int)response.StatusCode;
        }));
        // The wait runs on the real clock here: while the first five are hashed, a second may pass and let one more in.
        Assert.InRange(statuses.Count(status => status == 401), 5, 8);
        Assert.All(statuses, status => Assert.True(status is 401 or 429, $"{status}"));
    }

    [Fact]
    public async Task A_flood_of_logins_keeps_nobody_else_waiting()
    {
        await using var server = await TestServer.Start(settings: ["--Logins:HashConcurrency", "1"]);
        var caller = await (await TestAccount.Open(server)).WithKey();
        Task<HttpResponseMessage>[] logins;
        using (await TheOnlyHasher.Hold(server))
        {
            logins = TryManyNames(server, 10);
            for (var request = 0; request < 20; request++)
                await caller.Get("/regions").Json();
            Assert.DoesNotContain(logins, login => login.IsCompleted);
        }

        foreach (var login in logins)
            await login.Problem(ErrorCatalogue.InvalidLogin);
    }

    [Fact]
    public async Task More_logins_than_may_wait_are_answered_that_the_server_is_busy()
    {
        await using var server = await TestServer.Start(settings: ["--Logins:HashConcurrency", "1", "--Logins:HashQueue", "2"]);
        List<Task<HttpResponseMessage>> logins;
        using (await TheOnlyHasher.Hold(server))
        {
            logins = [.. TryManyNames(server, 10)];
            for (var refused = 0; refused < 8; refused++)
            {
                var answering = await Task.WhenAny(logins);
                logins.Remove(answering);
                using var busy = await answering;
                await busy.Problem(ErrorCatalogue.Unavailable);
                Assert.NotNull(busy.Header("Retry-After"));
            }
        }

        foreach (var login in logins)
            await login.Problem(ErrorCatalogue.InvalidLogin);
    }

    [Fact]
    public async Task A_new_password_voids_the_old_one_and_every_login_made_with_it()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        await user.Change("""{"password":"a whole new one"}""");

        await user.Login.Get("/api/users/me").Problem(ErrorCatalogue.InvalidToken);
        await TestUser.TrySignIn(server, user.Name, TestUser.DefaultPassword).Problem(ErrorCatalogue.InvalidLogin);
        await user.With(await TestUser.SignIn(server, user.Name, "a whole new one")).Get("/api/users/me").Json();
    }

    [Theory]
    [InlineData("Unpaid since May.")]
    [InlineData("Unpaid since May")]
    public async Task A_suspended_user_cannot_log_in_and_is_told_why_in_sentences(string reason)
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server, $$"""{"suspended":true,"reason":"{{reason}}"}""");
        var problem = await TestUser.TrySignIn(server, user.Name, TestUser.DefaultPassword).Problem(ErrorCatalogue.SuspendedAccount);
        Assert.Equal("Unpaid since May. Contact an administrator.", problem.Text("detail"));
        await TestUser.TrySignIn(server, user.Name, "wrong").Problem(ErrorCatalogue.InvalidLogin);
    }

    [Fact]
    public async Task A_login_makes_a_hash_of_fewer_rounds_anew_once_more_are_asked_for()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        var grain = server.Grains.GetGrain<IUserGrain>(user.Id);
        using var weak = new Passwords(Options.Create(new LoginOptions { HashIterations = TestServer.HashIterations / 2 }));
        await grain.SetPasswordHash(await weak.Hash(TestUser.DefaultPassword));

        await TestUser.TrySignIn(server, user.Name, "wrong").Problem(ErrorCatalogue.InvalidLogin);
        Assert.Equal(TestServer.HashIterations / 2, await Rounds());
        await TestUser.SignIn(server, user.Name);
        Assert.Equal(TestServer.HashIterations, await Rounds());
        await TestUser.SignIn(server, user.Name);

        async Task<int> Rounds() => RoundsOf((await grain.PasswordHash())!);
    }

    [Fact]
    public async Task A_password_changed_while_a_weak_hash_is_made_anew_stays_changed()
    {
        var server = await TestServer.OnSqlite();
        var user = await TestUser.Join(server);
        var grain = server.Grains.GetGrain<IUserGrain>(user.Id);
        var before = await grain.PasswordHash();
        await user.Change("""{"password":"a whole new one"}""");

        await grain.SetPasswordHash("of the old password, made anew", insteadOf: before);
        await TestUser.SignIn(server, user.Name, "a whole new one");
    }

    /// <summary>The framework's format 1: a marker byte, four bytes for the PRF, then the rounds.</summary>
    static int RoundsOf(string hash) => BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(hash).AsSpan(5));

    static Task<HttpResponseMessage>[] TryManyNames(TestServer server, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => TestUser.TrySignIn(server, TestServer.NewName("nobody"), "wrong"))];

    /// <summary>A server that hashes one password at a time hashes none while this is held.</summary>
    sealed class TheOnlyHasher : IDisposable
    {
        readonly TaskCompletionSource<bool> _free = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static async Task<TheOnlyHasher> Hold(TestServer server)
        {
            var (held, taken) = (new TheOnlyHasher(), new TaskCompletionSource());
            _ = server.Services.GetRequiredService<Passwords>().Verify(null, "", TurnHasCome, CancellationToken.None);
            await taken.Task;
            return held;

            Task<bool> TurnHasCome()
            {
                taken.SetResult();
                return held._free.Task;
            }
        }

        public void Dispose() => _free.SetResult(false);
    }

    /// <summary>Notes the rounds of every hash that a password is compared with: they are what a comparison takes its time for.</summary>
    sealed class WatchedHasher : IPasswordHasher<string>
    {
        public const int RoundsOfAHash = 1234;

        readonly PasswordHasher<string> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = RoundsOfAHash }));

        public List<int> Rounds { get; } = [];

        public string HashPassword(string user, string password) => _hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(string user, string hash, string password)
        {
            Rounds.Add(RoundsOf(hash));
            return _hasher.VerifyHashedPassword(user, hash, password);
        }
    }
}
