using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>
/// What a session store keeps, and what each of its transactions does to it, in memory and at once: rows, their events, the usage,
/// and the owners' epochs.
/// </summary>
sealed class SessionTable(StoreDefect defect = StoreDefect.None)
{
    readonly SortedDictionary<string, SessionRow> _rows = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<SessionEvent>> _events = new(StringComparer.Ordinal);
    readonly Dictionary<(OwnerKind, string), long> _epochs = [];
    readonly Dictionary<(OwnerKind, string), SortedDictionary<string, SessionRow>> _live = [];
    readonly Dictionary<(string, string), string> _keys = [];
    readonly SortedSet<(DateTimeOffset At, string SessionId)> _dropped = [];
    readonly SortedSet<(DateTimeOffset At, string SessionId)> _keyed = [];
    readonly SortedDictionary<(string Account, DateOnly Day), UsageEntry> _usage = [];

    /// <summary>A row was inserted (the first is null) or updated, under these fences.</summary>
    public Action<SessionRow?, SessionChange, ImmutableArray<Fence>>? OnWritten { get; init; }

    /// <summary>A row was deleted, or (the second) had its key taken off.</summary>
    public Action<SessionRow, SessionRow?>? OnCleaned { get; init; }

    /// <summary>Usage that is to be added by a transaction of its own, by a store that has that defect.</summary>
    public Action<Action>? UsageApart { get; init; }

    public IReadOnlyCollection<SessionRow> Rows => _rows.Values;

    public IReadOnlyDictionary<(string Account, DateOnly Day), UsageEntry> Usage => _usage;

    public IReadOnlyList<SessionEvent> Events(string sessionId) => _events.TryGetValue(sessionId, out var events) ? events : [];

    /// <summary>Of those that no key keeps.</summary>
    public IEnumerable<SessionRow> LongestDropped(int count) =>
        _dropped.Select(dropped => _rows[dropped.SessionId]).Where(row => row.IdempotencyKey is null).Take(count);

    public SessionRow? Find(string sessionId) => _rows.GetValueOrDefault(sessionId);

    public SessionRow? FindByKey(string accountId, string key) =>
        _keys.TryGetValue((accountId, key), out var sessionId) ? _rows[sessionId] : null;

    public IReadOnlyCollection<SessionRow> Live(OwnerKind kind, string id) => _live.TryGetValue((kind, id), out var live) ? live.Values : [];

    /// <summary>0 where nobody has taken one.</summary>
    public long Epoch(OwnerKind kind, string id) => _epochs.GetValueOrDefault((kind, id));

    public Ownership TakeOwnership(OwnerKind kind, string id)
    {
        var epoch = Epoch(kind, id) + (defect == StoreDefect.EpochStays && _epochs.ContainsKey((kind, id)) ? 0 : 1);
        _epochs[(kind, id)] = epoch;
        return new Ownership(new Fence(kind, id, epoch), [.. Live(kind, id).Select(SessionReport.Of)]);
    }

    /// <exception cref="ArgumentException">It cannot be inserted under these fences, whatever is stored.</exception>
    public static void CheckNew(SessionChange change, Fence account, Fence node)
    {
        if (change.Row.Version != 1 || !change.Usage.IsEmpty
            || account is not { Kind: OwnerKind.Account } || account.Id != change.Row.AccountId
            || node is not { Kind: OwnerKind.Node } || node.Id != change.Row.NodeId)
            throw new ArgumentException($"{change.Row} is no new row of {account.Id} and {node.Id}.");
    }

    public WriteResult Insert(SessionChange change, Fence account, Fence node)
    {
        var row = change.Row;
        if (FirstMoved([account, node]) is { } moved)
            return new WriteResult(WriteOutcome.Fenced, moved.Kind);
        if (_rows.TryGetValue(row.SessionId, out var same))
            return new WriteResult(WriteOutcome.Conflict, Existing: same);
        if (row.IdempotencyKey is { } key && defect != StoreDefect.KeyNotUnique && FindByKey(row.AccountId, key) is { } existing)
            return new WriteResult(WriteOutcome.Conflict, Existing: existing);
        _events[row.SessionId] = [];
        Put(null, change, [account, node]);
        return new WriteResult(WriteOutcome.Written);
    }

    public WriteResult Update(SessionChange change, ImmutableArray<Fence> fences)
    {
        if (FirstMoved(fences) is { } moved)
            return new WriteResult(WriteOutcome.Fenced, moved.Kind);
        if (!_rows.TryGetValue(change.Row.SessionId, out var old) || (old.Version != change.Row.Version - 1 && defect != StoreDefect.VersionNotChecked))
            return new WriteResult(WriteOutcome.Conflict, Existing: old);
        Put(old, change, fences);
        return new WriteResult(WriteOutcome.Written);
    }

    public long StreamedMilliseconds(string accountId, DateOnly from, DateOnly to) => _usage
        .Where(entry => entry.Key.Account == accountId && entry.Key.Day >= from && entry.Key.Day < to)
        .Sum(entry => entry.Value.Milliseconds);

    public ImmutableArray<string> Overdue(DateTimeOffset before, int limit) =>
    [
        .. _live.Where(owner => owner.Key.Item1 == OwnerKind.Account).SelectMany(owner => owner.Value.Values).Where(row => row.NextDeadline < before)
            .OrderBy(row => row.NextDeadline).Take(limit).Select(row => row.SessionId),
    ];

    public ImmutableArray<string> NodesInUse() =>
        [.. _live.Where(owner => owner.Key.Item1 == OwnerKind.Node && owner.Value.Count > 0).Select(owner => owner.Key.Item2).Order(StringComparer.Ordinal)];

    public int Clean(DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit)
    {
        if (defect == StoreDefect.DeletedEarly)
            droppedBefore = droppedBefore.AddSeconds(20);
        var past = _dropped.TakeWhile(dropped => dropped.At < droppedBefore).Select(dropped => _rows[dropped.SessionId])
            .Where(row => row.IdempotencyKey is null || row.CreatedAt < keysBefore).Take(limit).ToList();
        foreach (var row in past)
        {
            _rows.Remove(row.SessionId);
            _events.Remove(row.SessionId);
            _dropped.Remove((row.DroppedAt!.Value, row.SessionId));
            TakeKey(row);
            OnCleaned?.Invoke(row, null);
        }

        var keyed = _keyed.TakeWhile(row => row.At < keysBefore).Take(limit).Select(row => _rows[row.SessionId]).ToList();
        foreach (var row in keyed)
        {
            TakeKey(row);
            var next = row with { IdempotencyKey = null, BodyDigest = null, Version = row.Version + 1 };
            Store(next);
            OnCleaned?.Invoke(row, next);
        }

        return past.Count + keyed.Count;
    }

    Fence? FirstMoved(ImmutableArray<Fence> fences)
    {
        if (defect == StoreDefect.FencesNotChecked)
            return null;
        foreach (var fence in fences)
        {
            if (Epoch(fence.Kind, fence.Id) != fence.Epoch)
                return fence;
        }

        return null;
    }

    void Put(SessionRow? old, SessionChange change, ImmutableArray<Fence> fences)
    {
        var row = change.Row;
        if (old is not null && old.IdempotencyKey != row.IdempotencyKey)
            TakeKey(old);
        if (row.IdempotencyKey is { } key)
        {
            _keys[(row.AccountId, key)] = row.SessionId;
            _keyed.Add((row.CreatedAt, row.SessionId));
        }

        if (old is not null)
            Remove(old);
        Store(row);
        if (defect != StoreDefect.EventsLost || change.Events is not [.., { Type: "token_expired" or "moved" }])
            _events[row.SessionId].AddRange(change.Events);
        if (defect == StoreDefect.UsageApart)
            UsageApart?.Invoke(() => Add(row.AccountId, change.Usage));
        else
            Add(row.AccountId, change.Usage);
        OnWritten?.Invoke(old, change, fences);
    }

    void Store(SessionRow row)
    {
        _rows[row.SessionId] = row;
        if (row.State == SessionState.Dropped)
        {
            _dropped.Add((row.DroppedAt!.Value, row.SessionId));
            return;
        }

        LiveOf(OwnerKind.Account, row.AccountId)[row.SessionId] = row;
        LiveOf(OwnerKind.Node, row.NodeId)[row.SessionId] = row;
    }

    void Remove(SessionRow row)
    {
        LiveOf(OwnerKind.Account, row.AccountId).Remove(row.SessionId);
        LiveOf(OwnerKind.Node, row.NodeId).Remove(row.SessionId);
    }

    SortedDictionary<string, SessionRow> LiveOf(OwnerKind kind, string id)
    {
        if (!_live.TryGetValue((kind, id), out var live))
            _live[(kind, id)] = live = new(StringComparer.Ordinal);
        return live;
    }

    void TakeKey(SessionRow row)
    {
        _keyed.Remove((row.CreatedAt, row.SessionId));
        if (row.IdempotencyKey is { } key && _keys.GetValueOrDefault((row.AccountId, key)) == row.SessionId)
            _keys.Remove((row.AccountId, key));
    }

    void Add(string accountId, ImmutableArray<UsageEntry> usage)
    {
        foreach (var entry in usage)
        {
            var known = _usage.GetValueOrDefault((accountId, entry.Day)) ?? new UsageEntry(entry.Day, 0, 0);
            _usage[(accountId, entry.Day)] = known with { Milliseconds = known.Milliseconds + entry.Milliseconds, Sessions = known.Sessions + entry.Sessions };
        }
    }
}

/// <summary>A promise that a session store could break; put into the simulated one to see that somebody notices.</summary>
public enum StoreDefect
{
    None,

    /// <summary>A new owner gets the epoch of the one before.</summary>
    EpochStays,

    /// <summary>A new owner reads the rows, and then takes the epoch.</summary>
    RowsBeforeEpoch,

    /// <summary>A write under an epoch that is over is taken.</summary>
    FencesNotChecked,

    /// <summary>An update that was decided on an older version is taken.</summary>
    VersionNotChecked,

    /// <summary>The same key of an account is on several rows.</summary>
    KeyNotUnique,

    /// <summary>Usage is added after the row was written, by a transaction of its own.</summary>
    UsageApart,

    /// <summary>Some events are not written with the row.</summary>
    EventsLost,

    /// <summary>One refused write refuses all that go in the same commit.</summary>
    NeighboursFail,

    /// <summary>A write is answered before it is durable.</summary>
    AnsweredBeforeDurable,

    /// <summary>Rows are read as they were some time before the question came.</summary>
    RowsFromBefore,

    /// <summary>Dropped rows are deleted a little too early.</summary>
    DeletedEarly,
}
