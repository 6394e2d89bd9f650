using System.Reflection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using SessionManager.Api.Events;
using SessionManager.Audit;
using SessionManager.Changes;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Tests.Events;

public class EventHubTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    readonly Clock _time = new();

    [Fact]
    public async Task The_database_is_asked_once_a_second_however_many_listen_and_never_while_nobody_does()
    {
        var changes = new Counted();
        var nodes = DispatchProxy.Create<INodeDirectoryGrain, NoNodes>();
        var looks = ((NoNodes)(object)nodes).Looks;
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var hub = new EventHub(changes, Always.Answering<IGrainFactory>(nodes), _time, lifetime, NullLogger<EventHub>.Instance);
        _time.Advance(10 * Second);
        Assert.Equal(0, changes.Asked);

        Subscription[] listeners = [.. Enumerable.Range(0, 3).Select(_ => new Subscription(news => news.AccountId == "usr_a", 100))];
        foreach (var listener in listeners)
            await hub.Subscribe(listener, CancellationToken.None);
        await looks.WaitAsync();
        Assert.Equal(1, changes.Asked);
        for (var second = 1; second <= 5; second++)
        {
            _time.Advance(Second);
            await looks.WaitAsync();
            Assert.Equal(1 + second, changes.Asked);
        }

        Assert.All(listeners, listener => Assert.Equal(10, listener.Take().Events.Count));
        foreach (var listener in listeners)
            hub.Unsubscribe(listener);
        _time.Advance(Second);
        await _time.TimerEnded;
        Assert.Equal(6, changes.Asked);

        await hub.Subscribe(listeners[0], CancellationToken.None);
        await looks.WaitAsync();
        Assert.Equal(7, changes.Asked);
        _time.Advance(Second);
        await looks.WaitAsync();
        Assert.Equal(8, changes.Asked);
        lifetime.StopApplication();
    }

    /// <summary>Says when a timer of it has ended.</summary>
    sealed class Clock : FakeTimeProvider
    {
        readonly TaskCompletionSource _ended = new();

        public Task TimerEnded => _ended.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(base.CreateTimer(callback, state, dueTime, period), _ended);

        sealed class Timer(ITimer timer, TaskCompletionSource ended) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                timer.Dispose();
                ended.TrySetResult();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }

    /// <summary>The directory, which is the last that a look at everything asks.</summary>
    public class NoNodes : DispatchProxy
    {
        public SemaphoreSlim Looks { get; } = new(0);

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Looks.Release();
            return Task.FromResult(new NodeSnapshot([], []));
        }
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
