using System.Collections.Immutable;
using System.Text.Json;
using Orleans;
using SessionManager.Api.Json;
using SessionManager.Changes;
using SessionManager.Nodes;

namespace SessionManager.Api.Events;

/// <summary>
/// Follows what happens on all processes, for everyone who listens on this one: once a second, one query for what was added and one
/// look at the directory of nodes, which is in memory; nothing while nobody listens.
/// </summary>
sealed partial class EventHub(
    IChangeFeed changes, IGrainFactory grains, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<EventHub> logger)
{
    /// <summary>How many events one reading takes at most.</summary>
    public const int Reading = 1_000;

    static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    readonly Lock _gate = new();
    ImmutableArray<Subscription> _subscriptions = [];
    Task<Position>? _reader;

    /// <summary>From here on the subscription is offered every event that is committed later; perhaps some from shortly before.</summary>
    /// <returns>Where following stood then.</returns>
    public async Task<string> Subscribe(Subscription subscription, CancellationToken cancellation)
    {
        Task<Position> following;
        lock (_gate)
        {
            _subscriptions = _subscriptions.Add(subscription);
            following = _reader ??= Begin();
        }

        return (await following.WaitAsync(cancellation)).Changes.Events;
    }

    public void Unsubscribe(Subscription subscription)
    {
        lock (_gate)
            _subscriptions = _subscriptions.Remove(subscription);
    }

    public static ServerEvent Of(FollowedEvent followed) => new(
        "session",
        followed.AccountId,
        followed.Cursor,
        $"{followed.SessionId} {followed.Event.Seq}",
        JsonSerializer.Serialize(new SessionNews(followed.SessionId, followed.AccountId, followed.Event), ApiJson.Wire.SessionNews));

    async Task<Position> Begin()
    {
        try
        {
            var position = new Position(await changes.Now(lifetime.ApplicationStopping), await Nodes());
            _ = Follow(position);
            return position;
        }
        catch
        {
            lock (_gate)
                _reader = null;
            throw;
        }
    }

    async Task Follow(Position position)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (true)
        {
            try
            {
                await timer.WaitForNextTickAsync(lifetime.ApplicationStopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            lock (_gate)
            {
                if (_subscriptions.IsEmpty)
                {
                    _reader = null;
                    return;
                }
            }

            try
            {
                await Look(position);
            }
            catch (Exception exception)
            {
                // The next look begins where this one did: nothing is missed, it only comes later. Whatever it was: a follower that
                // ended would leave everyone who subscribes without news until the last of them has left.
                LogLate(logger, exception);
            }
        }
    }

    /// <summary>Each part goes on from where it was by itself: what was read is not read again where another part cannot be.</summary>
    async Task Look(Position position)
    {
        ChangeBatch batch;
        do
        {
            batch = await changes.After(position.Changes, Reading, lifetime.ApplicationStopping);
            foreach (var followed in batch.Events)
                Offer(Of(followed));
            foreach (var (owner, news) in batch.Entries.SelectMany(KeyWatch.News))
                Offer(new ServerEvent("key", owner, null, null, JsonSerializer.Serialize(news, ApiJson.Wire.KeyNews)));
            position.Changes = batch.Next;
        }
        while (batch.Events.Length == Reading || batch.Entries.Length == Reading);

        var nodes = await Nodes();
        foreach (var (node, news) in NodeWatch.Changes(position.Nodes, nodes))
            Offer(new ServerEvent("node", node.OwnerId, null, null, JsonSerializer.Serialize(news, ApiJson.Wire.NodeNews)));
        position.Nodes = nodes;
    }

    void Offer(ServerEvent news)
    {
        foreach (var subscription in _subscriptions)
            subscription.Offer(news);
    }

    async Task<ImmutableArray<Node>> Nodes() =>
        (await grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Snapshot()).Nodes;

    [LoggerMessage(1040, LogLevel.Warning, "What happens cannot be followed now; it is tried again.")]
    static partial void LogLate(ILogger logger, Exception exception);

    sealed class Position(ChangePosition changes, ImmutableArray<Node> nodes)
    {
        public ChangePosition Changes { get; set; } = changes;
        public ImmutableArray<Node> Nodes { get; set; } = nodes;
    }
}
