using System.Collections.Immutable;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Runtime;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Lists;
using SessionManager.Sessions;
using SessionManager.Tests.Security;

namespace SessionManager.Tests.Errors;

/// <summary>What goes wrong behind a route is told without a word of how.</summary>
public sealed class FailureTests(FailureTests.BrokenServer broken) : IClassFixture<FailureTests.BrokenServer>
{
    public static TheoryData<Exception, string> Failures => new()
    {
        { new TimeoutException("s3cret"), ErrorCatalogue.Unavailable },
        { new NpgsqlException("s3cret"), ErrorCatalogue.Unavailable },
        { new SocketException((int)SocketError.ConnectionRefused), ErrorCatalogue.Unavailable },
        { new OrleansException("s3cret"), ErrorCatalogue.Unavailable },
        { new OperationCanceledException("s3cret"), ErrorCatalogue.Unavailable },
        { new InvalidOperationException("s3cret"), ErrorCatalogue.Internal },
    };

    [Theory, MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_failure_is_logged_with_its_request_and_answered_with_nothing_of_itself(Exception failure, string code)
    {
        broken.Failure = failure;
        using var response = await (await (await TestAccount.Open(broken.Server)).WithKey(Scopes.SessionsRead)).Get("/api/sessions");
        var problem = await response.Problem(code);
        Assert.DoesNotContain("s3cret", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(code == ErrorCatalogue.Unavailable ? "1" : null, response.Header("Retry-After"));
        // The lines of all cases are there; each has an exception of its own type.
        string[] told = ["GET /api/sessions", failure.GetType().FullName!, failure.Message];
        Assert.Contains(broken.Logs.Lines, line => told.All(part => line.Contains(part, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_given_up()
    {
        await using var server = await TestServer.StartWith(
            builder => builder.Services.AddSingleton<ISessionQueries>(new BrokenQueries(cancelled => Task.Delay(Timeout.Infinite, cancelled))),
            "--Api:RequestSeconds", "1");
        await (await (await TestAccount.Open(server)).WithKey(Scopes.SessionsRead)).Get("/api/sessions").Problem(ErrorCatalogue.Unavailable);
    }

    /// <summary>A server whose sessions cannot be read.</summary>
    public sealed class BrokenServer : IAsyncLifetime
    {
        public TestServer Server { get; private set; } = null!;

        public Exception Failure { get; set; } = null!;

        internal LogCapture Logs { get; } = new();

        public async Task InitializeAsync() => Server = await TestServer.StartWith(builder =>
        {
            builder.Logging.AddProvider(Logs);
            builder.Services.AddSingleton<ISessionQueries>(new BrokenQueries(_ => Task.FromException(Failure)));
        });

        public async Task DisposeAsync()
        {
            await Server.DisposeAsync();
            Logs.Dispose();
        }
    }

    sealed class BrokenQueries(Func<CancellationToken, Task> fail) : ISessionQueries
    {
        public Task<Page<SessionRow>> List(SessionFilter filter, string? cursor, int limit, CancellationToken cancellation) =>
            Fail<Page<SessionRow>>(cancellation);

        public Task<(SessionRow Row, ImmutableArray<SessionEvent> Events)?> Detail(string sessionId, CancellationToken cancellation) =>
            Fail<(SessionRow Row, ImmutableArray<SessionEvent> Events)?>(cancellation);

        public Task<AccountStreams> Usage(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation) =>
            Fail<AccountStreams>(cancellation);

        public Task<SessionFigures> Figures(DateTimeOffset since, CancellationToken cancellation) => Fail<SessionFigures>(cancellation);

        async Task<T> Fail<T>(CancellationToken cancellation)
        {
            await fail(cancellation);
            throw new InvalidOperationException("It was to fail.");
        }
    }
}
