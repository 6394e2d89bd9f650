using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SessionManager.Broadcasts;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Signaling;

namespace SessionManager.Sessions;

/// <summary>The row: how it is read, kept in time, written, and what is told of it.</summary>
public sealed partial class SessionGrain
{
    /// <summary>How often a command is decided anew because another change came first. Each time that one has succeeded, so a few are enough.</summary>
    const int MaxAttempts = 10;

    /// <summary>null: not read yet, or there is none.</summary>
    SessionRow? _row;

    /// <summary>The row was read, or written, since the call that is being answered came.</summary>
    bool _isFresh;
    IGrainTimer? _timer;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // The call that woke this activation need not read it again.
        _row = await store.Find(SessionId, cancellationToken);
        _isFresh = true;
        ArmTimer();
    }

    Task<Result<Session>> Execute(Func<SessionRow, DateTimeOffset, Decision> decide) =>
        Execute((row, now) => Task.FromResult(decide(row, now)));

    /// <summary>
    /// Decides on the row and stores what comes of it. Where nothing is stored, the answer rests on a reading that began after the call
    /// came: an older activation that still runs, or a write whose outcome was not heard, may have changed the row.
    /// </summary>
    async Task<Result<Session>> Execute(Func<SessionRow, DateTimeOffset, Task<Decision>> decide)
    {
        try
        {
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                if (!await Load())
                    return new Refusal(ErrorCatalogue.SessionNotFound);
                var row = _row!;
                var decision = await decide(row, time.Now());
                if (decision.Change is { } change && !ReferenceEquals(change.Row, row))
                {
                    if (await Store(change, decision.Fences))
                        return decision.Refusal is { } told ? told : Session.Of(_row!, time.Now());
                }
                else if (_isFresh)
                {
                    return decision.Refusal is { } told ? told : Session.Of(row, time.Now());
                }
                else
                {
                    await Read();
                }
            }

            throw new OrleansException($"Session {SessionId} is changed by others all the time.");
        }
        finally
        {
            _isFresh = false;
            ArmTimer();
        }
    }

    /// <summary>Reads the row where that is needed and keeps the deadlines that have passed; false where there is no such session.</summary>
    async Task<bool> Load()
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (_row is null && !_isFresh)
                await Read();
            if (_row is not { } row)
                return false;

            var now = time.Now();
            if (!(row.NextDeadline <= now))
                return true;
            // The limit may have been raised since it was last heard, or the hours last longer.
            var change = row.State == SessionState.Connected && row.StreamEndsAt <= now
                ? await LimitStream(row, now)
                : SessionMachine.KeepDeadlines(row, now, _options);
            await Store(change, []);
        }

        throw new OrleansException($"Session {SessionId} cannot be brought up to date.");
    }

    /// <param name="now">From before the account is asked. Its answer may only say when to ask again, and that may have come meanwhile.</param>
    async Task<SessionChange> LimitStream(SessionRow row, DateTimeOffset now) =>
        SessionMachine.LimitStream(row, await Account(row).StreamEnd(row.ConnectedAt!.Value), now, _options);

    async Task Read()
    {
        var row = await store.Find(SessionId);
        var before = _row;
        _row = row;
        _isFresh = true;
        if (before is not null && row is not null && before.Version != row.Version)
            await Tell(before, row);
    }

    /// <summary>False: another change came first, or may have; decide again.</summary>
    async Task<bool> Store(SessionChange change, Fence[] fences)
    {
        var before = _row!;
        WriteResult written;
        try
        {
            written = await store.Update(change, [.. fences]);
        }
        catch (Exception exception)
        {
            LogOutcomeUnknown(SessionId, exception);
            _isFresh = false;
            await Read();
            return false;
        }

        switch (written.Outcome)
        {
            case WriteOutcome.Written:
                _row = change.Row;
                _isFresh = true;
                await Tell(before, change.Row);
                return true;

            case WriteOutcome.Conflict:
                _row = written.Existing;
                _isFresh = true;
                if (written.Existing is { } existing)
                    await Tell(before, existing);
                return false;

            default:
                foreach (var fence in fences.Where(fence => fence.Kind == written.FencedBy))
                    await BestEffort(fence.Kind == OwnerKind.Account ? Account(before).Fenced(fence.Epoch) : Node(fence.Id).Fenced(fence.Epoch));
                return false;
        }
    }

    /// <summary>
    /// Before the caller is answered, so that what it gave back can be had by then. Who is not reached looks at the rows before saying
    /// no to anyone.
    /// </summary>
    async Task Tell(SessionRow before, SessionRow after)
    {
        if (before.State == after.State && before.HoldsUntil == after.HoldsUntil && before.NodeId == after.NodeId
            && before.ConnectionId == after.ConnectionId)
            return;
        _ = BestEffort(TellChannel(before, after));
        if (after is { State: SessionState.Dropped, BroadcastId: { } broadcastId })
            _ = BestEffort(GrainFactory.GetGrain<IBroadcastGrain>(broadcastId).End());
        var report = SessionReport.Of(after);
        await BestEffort(Task.WhenAll(
            Account(after).SessionChanged(report),
            Node(after.NodeId).SessionChanged(report),
            before.NodeId == after.NodeId ? Task.CompletedTask : Node(before.NodeId).SessionChanged(report)));
    }

    /// <summary>The node, and a client on the built-in gateway, hear at once that the session is over or elsewhere.</summary>
    Task TellChannel(SessionRow before, SessionRow after)
    {
        var dropped = before.State != SessionState.Dropped && after.State == SessionState.Dropped;
        return dropped || before.NodeId != after.NodeId
            ? GrainFactory.GetGrain<IChannelGrain>(before.NodeId).SessionEnded(
                SessionId, dropped ? DropReasons.Name(after.Reason!.Value) : IChannelGrain.Moved)
            : Task.CompletedTask;
    }

    async Task BestEffort(Task news)
    {
        try
        {
            await news;
        }
        catch (Exception exception)
        {
            LogNotTold(SessionId, exception);
        }
    }

    /// <summary>A timer for the nearest deadline; none once there is none.</summary>
    void ArmTimer()
    {
        if (_row?.NextDeadline is not { } deadline)
        {
            _timer?.Dispose();
            _timer = null;
            // Nothing keeps this activation any more.
            DelayDeactivation(TimeSpan.Zero);
            return;
        }

        var now = time.Now();
        var due = deadline > now ? deadline - now : TimeSpan.Zero;
        // An activation without calls would be collected before that.
        DelayDeactivation(due + TimeSpan.FromSeconds(_options.SweepSeconds));
        if (_timer is null)
            _timer = this.RegisterGrainTimer(_ => Wake(), due, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(101, LogLevel.Warning, "Whether session {SessionId} was stored is not known; it is read again.")]
    partial void LogOutcomeUnknown(string sessionId, Exception exception);

    [LoggerMessage(102, LogLevel.Information, "Not everyone was told that session {SessionId} has changed; they will look for themselves.")]
    partial void LogNotTold(string sessionId, Exception exception);
}
