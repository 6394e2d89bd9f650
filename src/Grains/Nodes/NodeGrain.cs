using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Owners;
using SessionManager.Sessions;

namespace SessionManager.Nodes;

/// <summary>
/// Owns a node's places: they are the rows of its live sessions, kept in memory under the node's epoch. Reentrant, as the account is.
/// The lease runs in memory; that a node went silent together with this process is noticed by the sweep.
/// </summary>
[GrainType("node")]
[Reentrant]
public sealed partial class NodeGrain(
    [PersistentState("node")] IPersistentState<NodeRecord> state,
    ISessionStore store,
    IOptions<NodeOptions> options,
    IOptions<SessionOptions> sessionOptions,
    TimeProvider time,
    ILogger<NodeGrain> logger)
    : DurableGrain<NodeRecord>(state), INodeGrain
{
    /// <summary>How many sessions are spoken to at a time.</summary>
    const int Width = 64;

    readonly TimeSpan _lease = TimeSpan.FromSeconds(options.Value.LeaseSeconds);
    readonly TimeSpan _sweep = TimeSpan.FromSeconds(sessionOptions.Value.SweepSeconds);
    readonly Places _places = new();
    Owner? _owner;

    /// <summary>When the lease began, by the clock that nobody sets: a wall clock put forward must not end every stream.</summary>
    long _leaseSince;
    DateTimeOffset? _lastHeardAt;

    /// <summary>As its latest heartbeat said; null: as it registered.</summary>
    double? _load;
    IGrainTimer? _leaseTimer;
    IGrainTimer? _lookTimer;
    Task _ending = Task.CompletedTask;

    string NodeId => this.GetPrimaryKeyString();

    Owner Owner => _owner ??= new Owner(OwnerKind.Node, NodeId, store, _places, time)
    {
        First = Reload,
        Usurped = BreakOff,
        Unsure = Break,
        ThrowIfEnded = ThrowIfBroken,
    };

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Record.Registration is null)
            return;
        // Before any call: the record is read again under the epoch, when nothing can have changed it here.
        await Owner.Own();
        // A whole lease, also for a node that is stored as lost: a process that did not hear its heartbeats may have written that.
        RenewLease();
    }

    // The node's reports

    public async Task<Result<NodeLease>> Register(string ownerId, NodeRegistration registration)
    {
        if (Record.Registration is not null && Record.WhyNotBy(ownerId) is { } refusal)
            return refusal;
        // What a deleted or lost node left behind ends before it takes new sessions under the same id.
        if (Record.Registration is null || (Record.Lost && HasRunOut))
            await EndSessions();
        _load = null;
        Heard();
        await Change(Record.Register(ownerId, registration));
        return new NodeLease(options.Value.LeaseSeconds);
    }

    public async Task<Result<HeartbeatReply>> Heartbeat(string ownerId, ImmutableArray<string> sessionIds, double? load)
    {
        if (Record.WhyNotBy(ownerId) is { } refusal)
            return refusal;
        Heard();
        var wasLost = Record.Lost;
        Record = Record.HeardOf();
        var loadChanged = load is not null && load != _load;
        _load = load ?? _load;
        if (wasLost)
            await Write();
        // Whoever was told that its load is taken finds it in the next list. The rest may wait a moment: when it was last heard of, and
        // its room, which a directory that has just been activated does not know.
        if (wasLost || loadChanged)
            await Publish();
        else
            PublishSoon();

        await Owner.Own();
        var reported = sessionIds.ToHashSet(StringComparer.Ordinal);
        // Another activation may have given a place, or made one last longer.
        if (!_places.AreTaken(reported, time.Now()))
            await Owner.Look();
        await Each(_places.Missing(reported), sessionId => Session(sessionId).ReportMissing(NodeId));
        return new HeartbeatReply(options.Value.LeaseSeconds, Drop: _places.Strangers(reported), Expected: _places.Taken(time.Now()));
    }

    public async Task<Result<Session>> Connected(string ownerId, string sessionId, string connectionId) =>
        Record.WhyNotBy(ownerId) is { } refusal
            ? refusal
            : await UntilBroken(Session(sessionId).Connected(NodeId, connectionId));

    public async Task<Result<Session>> Disconnected(string ownerId, string sessionId, string connectionId, bool clean) =>
        Record.WhyNotBy(ownerId) is { } refusal
            ? refusal
            : await UntilBroken(Session(sessionId).Disconnected(NodeId, connectionId, clean));

    // Administration

    public Task<Result<Node>> Drain(string? ownerId) => Drain(ownerId, draining: true);

    public Task<Result<Node>> Undrain(string? ownerId) => Drain(ownerId, draining: false);

    async Task<Result<Node>> Drain(string? ownerId, bool draining)
    {
        if (Record.WhyNotBy(ownerId) is { } refusal)
            return refusal;
        await Change(Record with { Draining = draining });
        return View()!;
    }

    async Task Change(NodeRecord next)
    {
        var before = Record;
        Record = next;
        await Write();
        if (next.GivesFewerThan(before))
            await Owner.MoveOn();
        await Publish();
    }

    public async Task<Result<Node>> Delete(string? ownerId)
    {
        if (Record.WhyNotBy(ownerId) is { } refusal)
        {
            // An earlier deletion may have been cut off.
            if (Record.Registration is null)
                await UntilBroken(Directory.Remove(NodeId));
            return refusal;
        }

        await Owner.Own();
        var last = View()!;
        await Remove();
        return last with { Live = false };
    }

    public async Task<Node?> Get()
    {
        await Owner.Own();
        // The caller must not be told of a registration that is not written yet.
        await Write();
        return View();
    }

    async Task Remove()
    {
        Record = NodeRecord.Deleted;
        await Write();
        await UntilBroken(Directory.Remove(NodeId));
        await EndSessions();
    }

    // The places

    public async Task<PlacePromise?> Reserve(string sessionId, long version, DateTimeOffset? until)
    {
        await Owner.Own();
        var ticket = TryReserve(sessionId, version, until);
        if (ticket is null && Record.TakesNew)
        {
            await Owner.Look();
            ticket = TryReserve(sessionId, version, until);
        }

        RoomChanged();
        return ticket is { } given ? new PlacePromise(Owner.Fence.Epoch, given) : null;
    }

    /// <summary>A lost node promises nothing: its sessions are being ended or moved, and one more would be left behind on it.</summary>
    long? TryReserve(string sessionId, long version, DateTimeOffset? until) => Record is { Registration: { } registration, Lost: false }
        ? _places.Reserve(sessionId, version, until, Record.TakesNew ? registration.Capacity : 0, time.Now())
        : null;

    public Task GiveBack(string sessionId, PlacePromise promise)
    {
        // A later epoch may have given the same ticket to another.
        if (Owner.IsCurrent(new Fence(OwnerKind.Node, NodeId, promise.Epoch)))
            _places.TakeBack(sessionId, promise.Ticket);
        RoomChanged();
        return Task.CompletedTask;
    }

    public Task SessionChanged(SessionReport report)
    {
        if (report.State == SessionState.Dropped || report.NodeId != NodeId)
            _places.Remove(report.SessionId);
        else
            _places.Hear(report);
        RoomChanged();
        return Task.CompletedTask;
    }

    public async Task Fenced(long epoch)
    {
        await Owner.Own();
        if (Owner.Fence.Epoch == epoch)
            Break();
    }
}
