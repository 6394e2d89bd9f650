using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>
/// A mint: a slot is promised, then a place, then the row is inserted under both epochs, and that is all that is written. Whatever
/// fails in between leaves nothing but promises.
/// </summary>
public sealed partial class AccountGrain
{
    /// <summary>How often a mint begins anew because an owner has taken a new epoch. Each time another has got its way, so a few are enough.</summary>
    const int MaxAttempts = 10;

    /// <summary>By session id: a request whose answer was lost is made again while the first is still worked on.</summary>
    readonly Dictionary<string, Task<Result<Minted>>> _mints = new(StringComparer.Ordinal);
    readonly HashSet<string> _keysInFlight = new(StringComparer.Ordinal);

    /// <summary>Mints that have been promised a slot. Before anyone is refused, it is waited for whether these keep theirs.</summary>
    readonly Dictionary<string, Task> _promised = new(StringComparer.Ordinal);

    public Task<Result<Minted>> Mint(MintRequest request)
    {
        if (_mints.TryGetValue(request.SessionId, out var running))
            return running;
        if (request.IdempotencyKey is { } key && !_keysInFlight.Add(key))
            return Task.FromResult<Result<Minted>>(new Refusal(ErrorCatalogue.IdempotencyInFlight, RetryAfterSeconds: 1));
        var mint = UntilBroken(MintOnce(request));
        if (!mint.IsCompleted)
            _mints.Add(request.SessionId, mint);
        return mint;
    }

    async Task<Result<Minted>> MintOnce(MintRequest request)
    {
        try
        {
            return await Decide(request);
        }
        finally
        {
            _mints.Remove(request.SessionId);
            if (request.IdempotencyKey is { } key)
                _keysInFlight.Remove(key);
        }
    }

    async Task<Result<Minted>> Decide(MintRequest request)
    {
        if (!IsOpen)
            return new Refusal(ErrorCatalogue.Unauthenticated);
        var looked = false;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            await Owner.Own();
            if (MonthlyMilliseconds is not null)
                await KnowHours();
            if (AccountRules.WhyNothingMayBeMinted(Record, request.KeyId) is { } barred)
            {
                if (looked)
                    return barred;
                await Owner.Look();
                looked = true;
                continue;
            }

            if (IsKnown(request) && await Replay(request) is { } known)
                return known;

            // Nothing is awaited between here and the promise: another call could take the slot.
            var now = time.Now();
            var refusal = WhyNot(now);
            if (refusal is null)
            {
                if (await Promised(request, TakeAndStore(request, now)) is { } minted)
                    return minted;
            }
            else if (await Replay(request) is { } first)
            {
                return first;
            }
            else if (looked)
            {
                return refusal;
            }
            else
            {
                await LookAgain();
                looked = true;
            }
        }

        return new Refusal(ErrorCatalogue.Unavailable);
    }

    /// <summary>Why this account may not mint now, by what is known here.</summary>
    Refusal? WhyNot(DateTimeOffset now)
    {
        if (MonthlyMilliseconds is { } limit && UsedMilliseconds(now) is var used && used >= limit)
        {
            return new Refusal(ErrorCatalogue.MonthlyLimit, Details: new UsageDetails
            {
                UsedHours = Math.Round(used / 3_600_000.0, 4),
                LimitHours = limit / 3_600_000.0,
                ResetDate = StreamHours.NextMonth(now),
            });
        }

        return _slots.WhyNone(AccountRules.MaxConcurrent(Record, _options), now);
    }

    /// <summary>Looks for everything that began before the caller came and could turn the refusal into a yes.</summary>
    async Task LookAgain()
    {
        await Task.WhenAll(_promised.Values)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (MonthlyMilliseconds is null)
            await Owner.Look();
        else
            await LookAtHours();
    }

    async Task<Result<Minted>?> Promised(MintRequest request, Task<Result<Minted>?> minting)
    {
        _promised[request.SessionId] = minting;
        try
        {
            return await minting;
        }
        finally
        {
            _promised.Remove(request.SessionId);
        }
    }

    /// <summary>Takes a slot at once, then a place, and stores the session. null: an owner has moved on; decide again.</summary>
    async Task<Result<Minted>?> TakeAndStore(MintRequest request, DateTimeOffset now)
    {
        var fence = Owner.Fence;
        var until = SessionMachine.HeldByMint(request.WithToken, now, _sessionOptions);
        var slot = _slots.Promise(request.SessionId, version: 0, until, now);
        PlacedNode? placed;
        try
        {
            placed = await nodes.Place(
                request.SessionId, version: 0, new Placement(request.RegionLatencies, request.NeedsImageToVideo), until, request.ReservedNodeId);
        }
        catch
        {
            _slots.TakeBack(request.SessionId, slot);
            throw;
        }

        if (placed is null)
        {
            _slots.TakeBack(request.SessionId, slot);
            return await Replay(request) ?? new Refusal(ErrorCatalogue.NoStreamer, RetryAfterSeconds: 1);
        }

        var change = SessionMachine.Mint(request, AccountId, placed.Node, now, _sessionOptions);
        WriteResult written;
        try
        {
            written = await store.Insert(change, fence, placed.Fence);
        }
        catch
        {
            // The row may be stored, or still be on its way. Once there is a new epoch it is there, or never will be.
            await Owner.MoveOn(fence);
            if (await store.Find(request.SessionId) is { } stored)
                return await Answer(stored, request);
            await placed.GiveBack(request.SessionId);
            throw;
        }

        switch (written.Outcome)
        {
            case WriteOutcome.Written:
                _slots.Minted(SessionReport.Of(change.Row));
                ArmTimer();
                return new Minted(Session.Of(change.Row, now), Replayed: false);

            case WriteOutcome.Fenced:
                _slots.TakeBack(request.SessionId, slot);
                await placed.GiveBack(request.SessionId);
                if (written.FencedBy == OwnerKind.Node)
                    await placed.Fenced();
                else
                    await Fenced(fence.Epoch);
                return null;

            default:
                var existing = written.Existing!;
                var isThis = existing.SessionId == request.SessionId;
                if (isThis && existing.State != SessionState.Dropped)
                    _slots.Minted(SessionReport.Of(existing));
                else
                    _slots.TakeBack(request.SessionId, slot);
                if (!isThis || existing.State == SessionState.Dropped || existing.NodeId != placed.Node.NodeId)
                    await placed.GiveBack(request.SessionId);
                if (isThis || now - existing.CreatedAt < IdempotencyKeys.Life)
                    return await Answer(existing, request);
                // The existing session's key is free for reuse by now; its row still has it and must let it go first.
                await store.Update(new SessionChange(existing with { Version = existing.Version + 1, IdempotencyKey = null }, [], []), []);
                return null;
        }
    }

    /// <summary>Whether memory says that the request has been answered before.</summary>
    bool IsKnown(MintRequest request) =>
        _slots.Find(request.SessionId)?.Session is not null
        || (request.IdempotencyKey is { } key && _slots.MintedUnder(key) is not null);

    /// <summary>The first answer again; null where this is the first time.</summary>
    async Task<Result<Minted>?> Replay(MintRequest request)
    {
        var row = request.IdempotencyKey is { } key
            ? await store.FindByIdempotencyKey(AccountId, key, time.Now())
            : IsKnown(request) ? await store.Find(request.SessionId) : null;
        return row is null ? null : await Answer(row, request);
    }

    async Task<Result<Minted>?> Answer(SessionRow row, MintRequest request)
    {
        if (row.BodyDigest != request.BodyDigest)
            return new Refusal(ErrorCatalogue.IdempotencyMismatch);
        if (row.NextDeadline <= time.Now())
        {
            await GrainFactory.GetGrain<ISessionGrain>(row.SessionId).Wake();
            row = await store.Find(row.SessionId) ?? row;
        }

        return row.State == SessionState.Dropped
            ? new Refusal(ErrorCatalogue.SessionDropped)
            : new Minted(Session.Of(row, time.Now()), Replayed: row.SessionId != request.SessionId);
    }
}
