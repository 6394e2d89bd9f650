using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Options;
using SessionManager.Sessions;

namespace SessionManager.Nodes;

/// <summary>
/// Hosts <see cref="NodeMachine"/>. Reentrant, for the reason the account is: concurrent requests share one write. The lease
/// runs in memory; the reminder is there so that a node that went silent together with this process is missed all the same.
/// </summary>
[GrainType("node")]
[Reentrant]
public sealed partial class NodeGrain(
    [PersistentState("node")] IPersistentState<NodeRecord> state,
    IOptions<NodeOptions> options,
    IOptions<SessionOptions> sessionOptions,
    TimeProvider time,
    ILogger<NodeGrain> logger)
    : DurableGrain<NodeRecord>(state), INodeGrain, IRemindable
{
    /// <summary>How many sessions are spoken to at a time.</summary>
    const int Width = 32;

    /// <summary>How long mere room waits to be told to the directory, where it does not wait for it.</summary>
    static readonly TimeSpan PublishDelay = TimeSpan.FromMilliseconds(200);

    readonly TimeSpan _lease = TimeSpan.FromSeconds(options.Value.LeaseSeconds);
    readonly TimeSpan _sweep = TimeSpan.FromSeconds(sessionOptions.Value.SweepSeconds);
    readonly HashSet<string> _missing = [];

    /// <summary>When the lease began, by the clock that nobody sets: a wall clock put forward must not end every stream.</summary>
    long _leaseSince;
    DateTimeOffset? _lastHeardAt;
    IGrainTimer? _leaseTimer;
    IGrainTimer? _publishTimer;
    IGrainTimer? _lapseTimer;
    SweepReminder? _reminder;
    bool _sweeping;

    /// <summary>The directory was last told that there is no room.</summary>
    bool _toldFull;

    string NodeId => this.GetPrimaryKeyString();

    INodeDirectoryGrain Directory => GrainFactory.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (IsRegistered && !Record.Lost)
            RenewLease();
        ArmLapseTimer();
        return Task.CompletedTask;
    }

    // The node's reports

    public async Task<Result<NodeLease>> Register(string ownerId, NodeRegistration registration)
    {
        if (Record.OwnerId is { } owner && owner != ownerId)
            return new Refusal(ErrorCatalogue.NodeOwned);
        // What is left of a deleted or lost node's sessions ends before the node takes new ones under the same id.
        if (Record.Lost)
            await EndSessions();
        Record = NodeMachine.Register(Record, ownerId, registration);
        Heard();
        await Task.WhenAll(Write(), Reminder.Ensure());
        await Publish();
        return new NodeLease(options.Value.LeaseSeconds);
    }

    public async Task<Result<HeartbeatReply>> Heartbeat(string ownerId, ImmutableArray<string> sessionIds)
    {
        if (!IsOwnedBy(ownerId))
            return new Refusal(ErrorCatalogue.NodeNotFound);
        Heard();
        if (Record.Lost)
        {
            Record = NodeMachine.Back(Record);
            await Task.WhenAll(Write(), Reminder.Ensure());
            await Publish();
        }
        else
        {
            // Not only at the return of a lost node: that it is back may have been written before a crash, and the reminder not.
            await Reminder.Ensure();
            // That it was heard of, and a directory that has begun anew hears of its room.
            PublishSoon();
        }

        var now = time.Now();
        var reported = sessionIds.ToHashSet();
        await MissConnected(reported);
        return new HeartbeatReply(
            options.Value.LeaseSeconds,
            Drop: [.. reported.Where(sessionId => !Record.Places.ContainsKey(sessionId)).Order(StringComparer.Ordinal)],
            Expected: [.. Record.Places.Where(place => place.Value.IsTaken(now)).Select(place => place.Key).Order(StringComparer.Ordinal)]);
    }

    public async Task<Result<Session>> Connected(string ownerId, string sessionId, string connectionId) =>
        IsOwnedBy(ownerId)
            ? await UntilBroken(Session(sessionId).Connected(NodeId, connectionId))
            : new Refusal(ErrorCatalogue.NodeNotFound);

    public async Task<Result<Session>> Disconnected(string ownerId, string sessionId, string connectionId, bool clean) =>
        IsOwnedBy(ownerId)
            ? await UntilBroken(Session(sessionId).Disconnected(NodeId, connectionId, clean))
            : new Refusal(ErrorCatalogue.NodeNotFound);

    public async Task<Result<Node>> Drain(string ownerId)
    {
        if (!IsOwnedBy(ownerId))
            return new Refusal(ErrorCatalogue.NodeNotFound);
        Record = Record with { Draining = true };
        await Write();
        await Publish();
        return View()!;
    }

    public async Task<Result<Node>> Delete(string ownerId)
    {
        if (!IsOwnedBy(ownerId))
            return new Refusal(ErrorCatalogue.NodeNotFound);
        var last = View()!;
        Record = NodeMachine.Delete(Record);
        await Write();
        await UntilBroken(Directory.Remove(NodeId));
        await EndSessions();
        await Write();
        return last with { Live = false };
    }

    public async Task<Node?> Get()
    {
        // The caller must not be told of a registration that is not written yet.
        await Write();
        return View();
    }

    // The places

    public async Task<bool> Reserve(string sessionId, DateTimeOffset until)
    {
        var reserved = NodeMachine.Reserve(Record, sessionId, until, time.Now());
        if (reserved is null)
            PublishSoon();
        else
            await Save(reserved);
        return reserved is not null;
    }

    public async Task<bool> Hold(string sessionId)
    {
        var held = NodeMachine.Hold(Record, sessionId, time.Now());
        if (held is not null)
            await Save(held);
        return held is not null;
    }

    public Task Release(string sessionId) => Save(NodeMachine.Release(Record, sessionId));

    // The lease

    void Heard()
    {
        _lastHeardAt = time.Now();
        RenewLease();
    }

    void RenewLease()
    {
        _leaseSince = time.GetTimestamp();
        // Not to be collected before the lease is over: the next activation would grant a whole one again.
        DelayDeactivation(_lease);
        if (_leaseTimer is null)
            _leaseTimer = this.RegisterGrainTimer(_ => Sweep(), _lease, Timeout.InfiniteTimeSpan);
        else
            _leaseTimer.Change(_lease, Timeout.InfiniteTimeSpan);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Sweep();

    /// <summary>
    /// Notices a lease that has run out, ends or moves what a lost node had, and asks after places that a crash may have left
    /// without a session.
    /// </summary>
    async Task Sweep()
    {
        if (_sweeping || !Exists)
            return;
        _sweeping = true;
        try
        {
            var now = time.Now();
            if (IsRegistered && !Record.Lost && time.GetElapsedTime(_leaseSince) >= _lease)
            {
                Record = Record with { Lost = true };
                await Write();
                LogLost(NodeId, Record.Places.Count);
                await Publish();
            }

            if (Record.Lost)
                await EndSessions();
            await Each(NodeMachine.Unverified(Record, now), async sessionId =>
            {
                // While the session answers, others change the record, and a mint may have made the place its own.
                var asked = Record.Places.GetValueOrDefault(sessionId);
                var occupied = await Session(sessionId).Occupies(NodeId);
                if (occupied is { } known && ReferenceEquals(asked, Record.Places.GetValueOrDefault(sessionId)))
                    Record = NodeMachine.Verify(Record, sessionId, known);
            });
            Record = NodeMachine.Prune(Record, now);
            await Write();
            if (Record.Lost && Record.Places.IsEmpty)
                await Reminder.End(Fence);
        }
        finally
        {
            _sweeping = false;
        }
    }

    /// <summary>Drops what was connected here, and lets what was not find another node.</summary>
    Task EndSessions() => Each(Record.Places.Keys.Order(StringComparer.Ordinal), async sessionId =>
    {
        // Once it is back, a session that is told to move would come here again, to the place that is given up below.
        if (!Record.Lost)
            return;
        var place = Record.Places.GetValueOrDefault(sessionId);
        await Session(sessionId).NodeLost(NodeId, drop: Record.Deleted);
        // Unless it has come back meanwhile and the session with it.
        if (ReferenceEquals(place, Record.Places.GetValueOrDefault(sessionId)))
            Record = NodeMachine.Release(Record, sessionId);
    });

    /// <summary>
    /// A connected session that two heartbeats in a row do not name has vanished. One is not enough: it may have connected
    /// while the heartbeat was under way.
    /// </summary>
    async Task MissConnected(HashSet<string> reported)
    {
        var absent = Record.Places
            .Where(place => place.Value.Until is null && !reported.Contains(place.Key))
            .Select(place => place.Key)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var vanished = absent.Where(_missing.Contains).ToArray();
        _missing.Clear();
        _missing.UnionWith(absent.Except(vanished));
        if (vanished.Length == 0)
            return;
        await Each(vanished, async sessionId =>
        {
            // It is elsewhere, or over: another activation of this node had given it the place. The sweep makes sure.
            if (!await Session(sessionId).Vanished(NodeId))
                Record = NodeMachine.Doubt(Record, sessionId);
        });
        await Write();
    }

    // Telling the directory

    /// <summary>Room where there was none is told at once, since callers may be waiting for it; all else soon.</summary>
    void RoomChanged()
    {
        ArmLapseTimer();
        if (_toldFull && HasRoom())
            _ = Publish();
        else
            PublishSoon();
    }

    void PublishSoon() =>
        _publishTimer ??= this.RegisterGrainTimer(_ => Publish(), PublishDelay, Timeout.InfiniteTimeSpan);

    async Task Publish()
    {
        _publishTimer?.Dispose();
        _publishTimer = null;
        if (View() is not { } node)
            return;
        _toldFull = !PlacementPolicy.HasRoom(node);
        try
        {
            await UntilBroken(Directory.Publish(node));
        }
        catch (Exception exception)
        {
            LogNotPublished(NodeId, exception);
            PublishSoon();
        }
    }

    /// <summary>A place that lapses makes room without anybody's call.</summary>
    void ArmLapseTimer()
    {
        if (_lapseTimer is not null || !_toldFull || NodeMachine.NextLapse(Record, time.Now()) is not { } lapse)
            return;
        var due = lapse - time.Now();
        _lapseTimer = this.RegisterGrainTimer(
            _ =>
            {
                _lapseTimer?.Dispose();
                _lapseTimer = null;
                RoomChanged();
                return Task.CompletedTask;
            },
            due < TimeSpan.Zero ? TimeSpan.Zero : due,
            Timeout.InfiniteTimeSpan);
    }

    bool HasRoom() => View() is { } node && PlacementPolicy.HasRoom(node);

    // How it is done

    bool IsRegistered => Record.Registration is not null;

    bool IsOwnedBy(string ownerId) => IsRegistered && Record.OwnerId == ownerId;

    SweepReminder Reminder => _reminder ??= new SweepReminder(this, "lease", _sweep);

    ISessionGrain Session(string sessionId) => GrainFactory.GetGrain<ISessionGrain>(sessionId);

    Node? View() => NodeMachine.View(NodeId, Record, _lastHeardAt, time.Now());

    /// <summary>Waits even where nothing changes: an earlier call's change may be decided and not yet written.</summary>
    async Task Save(NodeRecord next)
    {
        var changed = next != Record;
        Record = next;
        await Write();
        if (changed)
            RoomChanged();
    }

    /// <summary>Does it for each, some at a time; one that fails is left to the next sweep.</summary>
    async Task Each(IEnumerable<string> sessionIds, Func<string, Task> act)
    {
        foreach (var some in sessionIds.ToArray().Chunk(Width))
        {
            await Task.WhenAll(some.Select(async sessionId =>
            {
                try
                {
                    await UntilBroken(act(sessionId));
                }
                catch (Exception exception)
                {
                    LogLeftToSweep(NodeId, sessionId, exception);
                }
            }));
        }
    }

    [LoggerMessage(301, LogLevel.Warning, "Node {NodeId} is lost: its lease ran out with {Places} places taken.")]
    partial void LogLost(string nodeId, int places);

    [LoggerMessage(302, LogLevel.Warning, "Node {NodeId} could not reach session {SessionId}; the next sweep tries again.")]
    partial void LogLeftToSweep(string nodeId, string sessionId, Exception exception);

    [LoggerMessage(303, LogLevel.Warning, "Node {NodeId} could not tell the directory its news; it tries again soon.")]
    partial void LogNotPublished(string nodeId, Exception exception);
}
