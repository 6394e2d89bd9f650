using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>
/// One process's way to the sessions: writes that come while a commit is under way go together in the next one, and each hears its
/// own outcome, as of the real stores. What a commit comes to, the database decides for all that are in it.
/// </summary>
sealed class SimulatedSessionStore(FaultyDatabase database, SessionTable table, StoreDefect defect = StoreDefect.None) : ISessionStore
{
    readonly List<Pending> _waiting = [];
    readonly Dictionary<(OwnerKind, string), ImmutableArray<SessionReport>> _before = [];
    bool _committing;

    /// <summary>The process has died: what it has not sent yet is never sent.</summary>
    public bool IsDead { get; set; }

    public Task<Ownership> TakeOwnership(OwnerKind kind, string id, CancellationToken cancellation = default)
    {
        var rows = table.Live(kind, id).Select(SessionReport.Of).ToImmutableArray();
        return database.Write($"epoch of {kind} {id}", () =>
        {
            var taken = table.TakeOwnership(kind, id);
            return defect == StoreDefect.RowsBeforeEpoch ? taken with { Live = rows } : taken;
        });
    }

    public Task<Ownership> Look(OwnerKind kind, string id, CancellationToken cancellation = default) =>
        database.Read($"live of {kind} {id}", () =>
        {
            ImmutableArray<SessionReport> now = [.. table.Live(kind, id).Select(SessionReport.Of)];
            var before = _before.GetValueOrDefault((kind, id), now);
            _before[(kind, id)] = now;
            return new Ownership(new Fence(kind, id, table.Epoch(kind, id)), defect == StoreDefect.RowsFromBefore ? before : now);
        });

    public Task<WriteResult> Insert(SessionChange change, Fence account, Fence node)
    {
        SessionTable.CheckNew(change, account, node);
        return Write(change.Row.SessionId, () => table.Insert(change, account, node));
    }

    public Task<WriteResult> Update(SessionChange change, ImmutableArray<Fence> fences) =>
        Write(change.Row.SessionId, () => table.Update(change, fences));

    public Task<SessionRow?> Find(string sessionId, CancellationToken cancellation = default) =>
        database.Read(sessionId, () => table.Find(sessionId));

    public Task<SessionRow?> FindByIdempotencyKey(string accountId, string idempotencyKey, DateTimeOffset now, CancellationToken cancellation = default) =>
        database.Read($"key {idempotencyKey} of {accountId}", () =>
            table.FindByKey(accountId, idempotencyKey) is { } row && now - row.CreatedAt < IdempotencyKeys.Life ? row : null);

    public Task<long> StreamedMilliseconds(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation = default) =>
        database.Read($"usage of {accountId}", () => table.StreamedMilliseconds(accountId, from, to));

    public Task<ImmutableArray<string>> Overdue(DateTimeOffset before, int limit, CancellationToken cancellation = default) =>
        database.Read("overdue", () => table.Overdue(before, limit));

    public Task<ImmutableArray<string>> NodesInUse(CancellationToken cancellation = default) => database.Read("nodes in use", table.NodesInUse);

    public Task<int> Clean(DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit, CancellationToken cancellation = default) =>
        database.Write("clean", () => table.Clean(droppedBefore, keysBefore, limit));

    Task<WriteResult> Write(string sessionId, Func<WriteResult> act)
    {
        var pending = new Pending(sessionId, act);
        _waiting.Add(pending);
        if (!_committing)
            Commit();
        if (defect == StoreDefect.AnsweredBeforeDurable)
            return Task.FromResult(new WriteResult(WriteOutcome.Written));
        return pending.Answer.Task;
    }

    void Commit()
    {
        if (_waiting.Count == 0 || IsDead)
        {
            _committing = false;
            return;
        }

        _committing = true;
        var batch = _waiting.ToArray();
        _waiting.Clear();
        database.Write(
            string.Join(' ', batch.Select(pending => pending.SessionId)),
            () => defect == StoreDefect.NeighboursFail ? AllOrNone(batch) : Array.ConvertAll(batch, pending => pending.Act()),
            (results, error) =>
            {
                // First, so that who hears of this one and writes again goes in the next.
                Commit();
                for (var i = 0; i < batch.Length; i++)
                {
                    if (error is null)
                        batch[i].Answer.SetResult(results![i]);
                    else
                        batch[i].Answer.SetException(error);
                }
            });
    }

    static WriteResult[] AllOrNone(Pending[] batch)
    {
        var results = new WriteResult[batch.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            results[i] = i > 0 && results[i - 1].Outcome != WriteOutcome.Written ? results[i - 1] : batch[i].Act();
        }

        return results;
    }

    sealed record Pending(string SessionId, Func<WriteResult> Act)
    {
        public TaskCompletionSource<WriteResult> Answer { get; } = new();
    }
}
