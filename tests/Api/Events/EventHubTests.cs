using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SessionManager.Api.Events;
using SessionManager.Audit;
using SessionManager.Changes;
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
        var changes = new Counted();
        var hub = new EventHub(changes, server.Grains, _time, server.Services.GetRequiredService<IHostApplicationLifetime>(), NullLogger<EventHub>.Instance);
        _time.Advance(10 * Second);
        Assert.Equal(0, changes.Asked);

        // The server is one that other tests change, too.
        Subscription[] listeners = [.. Enumerable.Range(0, 3).Select(_ => new Subscription(news => news.AccountId == "usr_a", 100))];
        foreach (var listener in listeners)
            await hub.Subscribe(listener, CancellationToken.None);
        Assert.Equal(1, changes.Asked);
        for (var second = 1; second <= 5; second++)
        {
            await Tick(changes, 1 + second);
            Assert.Equal(1 + second, changes.Asked);
        }

        Assert.All(listeners, listener => Assert.Equal(10, listener.Take().Events.Count));
        foreach (var listener in listeners)
            hub.Unsubscribe(listener);
        for (var second = 0; second < 10; second++)
        {
            _time.Advance(Second);
            await Task.Yield();
        }

        Assert.Equal(6, changes.Asked);
        await hub.Subscribe(listeners[0], CancellationToken.None);
        Assert.Equal(7, changes.Asked);
        await Tick(changes, 8);
    }

    /// <summary>A second passes, and what happens in it is over.</summary>
    async Task Tick(Counted changes, int asked)
    {
        _time.Advance(Second);
        while (changes.Asked < asked)
            await Task.Yield();
        // The rest of the look: nodes are read of the real server.
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
    }

    /// <summary>The hub's only way to the database. Something has happened whenever it is asked.</summary>
    sealed class Counted : IChangeFeed
    {
        int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public Task<ChangePosition> Now(CancellationToken cancellation) => Task.FromResult(new ChangePosition($"{Interlocked.Increment(ref _asked)}", "0"));

        public Task<ChangeBatch> After(ChangePosition position, int limit, CancellationToken cancellation)
        {
            var number = Interlocked.Increment(ref _asked);
            return Task.FromResult(new ChangeBatch(
                [new($"{number}", "ses_a", "usr_a", new SessionEvent(number, default, "connected"))],
                [new AuditEntry(default, "usr_a", null, "key.create", "key_a", null, null, null)],
                new ChangePosition($"{number}", $"{number}")));
        }
    }
}
