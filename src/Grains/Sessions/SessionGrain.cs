using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Nodes;

namespace SessionManager.Sessions;

/// <summary>
/// Decides about one session, by <see cref="SessionMachine"/>, and writes its row. Turns are not interleaved: a command sees the session
/// as the one before it left it. It is woken by the first thing that happens to its session, and keeps its deadlines from then on.
/// </summary>
[GrainType("session")]
public sealed partial class SessionGrain(
    ISessionStore store, NodeCatalog nodes, IOptions<SessionOptions> options, TimeProvider time, ILogger<SessionGrain> logger)
    : Grain, ISessionGrain
{
    readonly SessionOptions _options = options.Value;

    string SessionId => this.GetPrimaryKeyString();

    // Commands

    public Task<Result<Session>> IssueToken(string accountId) => Execute(async (row, now) =>
    {
        if (!IsReadable(row, accountId, now) || row.State == SessionState.Dropped)
            return new Refusal(ErrorCatalogue.SessionNotFound);
        var issued = SessionMachine.IssueToken(row, now, _options);
        if (SessionMachine.HasExpired(issued.Row, now))
            return new Refusal(ErrorCatalogue.SessionExpired);
        // Only what is held for longer than before needs new promises.
        if (ReferenceEquals(issued.Row, row) || issued.Row.HoldsUntil <= row.HoldsUntil)
            return issued;
        var (slot, place) = await Hold(row, issued.Row.HoldsUntil, connectedAt: null);
        if (!slot.Ok)
            return new Refusal(ErrorCatalogue.SessionNotFound);
        return place is null ? new Refusal(ErrorCatalogue.NoStreamer) : new Decision(issued, Fences(row, slot.Value!, place));
    });

    public Task<Result<Session>> Connected(string? nodeId, string connectionId) => Execute(async (row, now) =>
    {
        var verdict = SessionMachine.JudgeConnect(row, nodeId, connectionId, now);
        if (verdict.Refusal is { } code)
            return verdict.IsActivity ? RefuseConnect(row, code, now) : new Refusal(code);
        if (!verdict.Accept)
            return Decision.Nothing(row);
        var (slot, place) = await Hold(row, until: null, row.ConnectedAt ?? now);
        if (slot.Refusal is { } refusal)
            return RefuseConnect(row, refusal.Code, now);
        return place is null
            ? RefuseConnect(row, ErrorCatalogue.NoStreamer, now)
            : new Decision(
                SessionMachine.Connect(row, connectionId, slot.Value!.StreamEndsAt, now, _options), Fences(row, slot.Value, place));
    });

    public Task<Result<Session>> Disconnected(string nodeId, string connectionId, bool clean) => Execute((row, now) =>
        row.NodeId == nodeId
            ? SessionMachine.Disconnect(row, connectionId, clean, now, _options)
            : new Refusal(ErrorCatalogue.SessionNotFound));

    public Task<Result<Session>> Broadcast(string nodeId, string broadcastId, string? over) => Execute((row, now) => row switch
    {
        _ when row.NodeId != nodeId => new Refusal(ErrorCatalogue.SessionNotFound),
        { State: SessionState.Dropped } => new Refusal(ErrorCatalogue.SessionDropped),
        { State: SessionState.Provisioned } => new Refusal(ErrorCatalogue.SessionNotConnected),
        _ => SessionMachine.Broadcast(row, broadcastId, over, now, _options),
    });

    public Task<Result<Session>> Drop(string? accountId, DropReason reason) => Execute((row, now) =>
        IsReadable(row, accountId, now)
            ? SessionMachine.Drop(row, reason, now, _options)
            : new Refusal(ErrorCatalogue.SessionNotFound));

    // What its node and its account notice

    public async Task ReportMissing(string nodeId)
    {
        await Execute((row, now) => row.NodeId == nodeId && row.ConnectionId is { } connectionId
            ? SessionMachine.Disconnect(row, connectionId, clean: false, now, _options)
            : Decision.Nothing(row));
        // The node may have missed that the session was moved, or is not connected.
        if (_row is not null)
            await BestEffort(Node(nodeId).SessionChanged(SessionReport.Of(_row)));
    }

    public Task NodeLost(string nodeId, bool deleted) => Execute(async (row, now) =>
    {
        if (row.NodeId != nodeId)
            return Decision.Nothing(row);
        if (deleted || row.State == SessionState.Connected)
            return SessionMachine.Drop(row, DropReason.NodeLost, now, _options);
        // A session without a place need not move. The idle cleanup ends it.
        if (!SessionMachine.Holds(row, now))
            return Decision.Nothing(row);
        var placed = await nodes.Place(
            SessionId,
            row.Version,
            new Placement(row.RegionLatencies, row.NeedsImageToVideo),
            row.HoldsUntil,
            // The client already has its address to connect to: the new node must be reached by the same.
            may: node => node.NodeId != nodeId && node.SignalingUrl == row.NodeSignalingUrl);
        return placed is null
            ? SessionMachine.Drop(row, DropReason.NodeLost, now, _options)
            : new Decision(SessionMachine.Move(row, placed.Node, now, _options), [placed.Fence]);
    });

    public Task LimitsChanged() => Execute(async (row, now) => row.State == SessionState.Connected
        ? await LimitStream(row, now)
        : Decision.Nothing(row));

    public async Task Wake()
    {
        // The caller has seen a deadline that has passed. If this activation knows of none, the row was written elsewhere meanwhile.
        if (!_isFresh && !(_row?.NextDeadline <= time.Now()))
            await Read();
        if (await Load())
            ArmTimer();
        _isFresh = false;
    }

    // How it is decided

    /// <summary>A slot and a place until another instant, asked for side by side.</summary>
    async Task<(Result<SlotPromise> Slot, PlacePromise? Place)> Hold(SessionRow row, DateTimeOffset? until, DateTimeOffset? connectedAt)
    {
        var slot = Account(row).Hold(SessionId, row.Version, until, connectedAt);
        var place = Node(row.NodeId).Reserve(SessionId, row.Version, until);
        await Task.WhenAll(slot, place);
        return (await slot, await place);
    }

    static Fence[] Fences(SessionRow row, SlotPromise slot, PlacePromise place) =>
        [new(OwnerKind.Account, row.AccountId, slot.Epoch), new(OwnerKind.Node, row.NodeId, place.Epoch)];

    Decision RefuseConnect(SessionRow row, string code, DateTimeOffset now) =>
        new(SessionMachine.RefuseConnect(row, code, now, _options), [], new Refusal(code));

    bool IsReadable(SessionRow row, string? accountId, DateTimeOffset now) =>
        (accountId is null || row.AccountId == accountId) && SessionMachine.IsReadable(row, now, _options);

    IAccountGrain Account(SessionRow row) => GrainFactory.GetGrain<IAccountGrain>(row.AccountId);

    INodeGrain Node(string nodeId) => GrainFactory.GetGrain<INodeGrain>(nodeId);
}
