using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SessionManager.Api.Events;
using SessionManager.Audit;
using SessionManager.Lists;
using SessionManager.Sessions;

namespace SessionManager.Tests.Events;

public class EventHubTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_asks_once_a_second_however_many_listen_and_never_while_nobody_does()
    {
        var server = await TestServer.OnSqlite();
        var queries = new Counted();
        var hub = new EventHub(
            queries, server.Services.GetRequiredService<IAuditLog>(), server.Grains, _time, server.Services.GetRequiredService<IHostApplicationLifetime>(), NullLogger<EventHub>.Instance);
        _time.Advance(10 * Second);
        Assert.Equal(0, queries.Asked);

        // The server is one that other tests change, too.
        Subscription[] listeners = [.. Enumerable.Range(0, 3).Select(_ => new Subscription(news => news.AccountId == "usr_a", 10))];
        foreach (var listener in listeners)
            await hub.Subscribe(listener, CancellationToken.None);
        Assert.Equal(1, queries.Asked);
        for (var second = 1; second <= 5; second++)
        {
            await Tick(queries, 1 + second);
            Assert.Equal(1 + second, queries.Asked);
        }

        Assert.All(listeners, listener => Assert.Equal(5, listener.Take().Events.Count));
        foreach (var listener in listeners)
            hub.Unsubscribe(listener);
        for (var second = 0; second < 10; second++)
        {
            _time.Advance(Second);
            await Task.Yield();
        }

        Assert.Equal(6, queries.Asked);
        await hub.Subscribe(listeners[0], CancellationToken.None);
        Assert.Equal(7, queries.Asked);
        await Tick(queries, 8);
    }

    /// <summary>A second passes, and what happens in it is over.</summary>
    async Task Tick(Counted queries, int asked)
    {
        _time.Advance(Second);
        while (queries.Asked < asked)
            await Task.Yield();
        // The rest of the look: keys and nodes are read of the real server.
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
    }

    /// <summary>Something has happened whenever it is asked.</summary>
    sealed class Counted : ISessionQueries
    {
        int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public Task<(ImmutableArray<FollowedEvent> Events, string Cursor)> EventsAfter(string? cursor, int limit, CancellationToken cancellation)
        {
            var number = Interlocked.Increment(ref _asked);
            ImmutableArray<FollowedEvent> events = cursor is null ? [] : [new($"{number}", "ses_a", "usr_a", new SessionEvent(number, default, "connected"))];
            return Task.FromResult((events, $"{number}"));
        }

        public Task<Page<SessionRow>> List(SessionFilter filter, string? cursor, int limit, CancellationToken cancellation) => throw new NotSupportedException();
        public Task<(SessionRow Row, ImmutableArray<SessionEvent> Events)?> Detail(string sessionId, CancellationToken cancellation) => throw new NotSupportedException();
        public Task<AccountStreams> Usage(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation) => throw new NotSupportedException();
        public Task<SessionFigures> Figures(DateTimeOffset since, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
