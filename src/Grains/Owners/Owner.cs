using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Sessions;

namespace SessionManager.Owners;

/// <summary>
/// Holds the epoch of an account or a node, and its <see cref="Holdings"/> against the rows (docs/decisions, 3 and 4). Belongs to
/// one activation; calls interleave.
/// </summary>
public sealed class Owner(OwnerKind kind, string id, ISessionStore store, Holdings holdings, TimeProvider time)
{
    /// <summary>A promise that nothing was heard of for this long may never have been used: a new epoch settles it.</summary>
    public static readonly TimeSpan PromiseLife = TimeSpan.FromSeconds(10);

    Fence? _fence;
    long _taken;
    Task _taking = Task.CompletedTask;
    Task _look = Task.CompletedTask;
    Task? _nextLook;

    /// <summary>Called in the first taking, if there was an owner before: what was read before it may be out of date.</summary>
    public Func<Task>? First { get; init; }

    /// <summary>Another has owned since this activation took an epoch, and may have changed what it knows: it must end. Throws.</summary>
    public Action? Usurped { get; init; }

    /// <summary>
    /// Called where taking a later epoch has failed: it may have moved all the same, and the next one would look like another owner's.
    /// This activation must end.
    /// </summary>
    public Action? Unsure { get; init; }

    /// <summary>
    /// Called before an epoch is taken: throws where this activation has ended. Otherwise a call that still runs in it would take the
    /// epoch from the activation that has followed, and that one would have to end too.
    /// </summary>
    public Action? ThrowIfEnded { get; init; }

    /// <summary>What is decided now is decided under it. After <see cref="Own"/>.</summary>
    /// <exception cref="OrleansException">Taking an epoch has failed meanwhile: nothing can be decided before it succeeds.</exception>
    public Fence Fence => _fence ?? throw new OrleansException($"{kind} {id} is not owned for now.");

    /// <summary>Completes when this activation is the owner and knows its rows. Free once it is.</summary>
    public Task Own()
    {
        if (!_taking.IsCompleted)
            return _taking;
        return _fence is null ? _taking = Take() : Task.CompletedTask;
    }

    /// <summary>
    /// Takes a new epoch, unless that of <paramref name="from"/> is over already. Nothing that was decided under it lands any more,
    /// and what has landed is known.
    /// </summary>
    public Task MoveOn(Fence from)
    {
        if (_taking.IsCompleted && (_fence is null || _fence == from))
            _taking = Take();
        return _taking;
    }

    /// <summary>
    /// Takes a new epoch, beginning after the call: what was stored before it, settings too, holds for all that is decided from then on.
    /// </summary>
    public async Task MoveOn()
    {
        await _taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await (_taking.IsCompleted ? _taking = Take() : _taking);
    }

    /// <summary>Whether the epoch is still this activation's, as far as it knows.</summary>
    public bool IsCurrent(Fence fence) => _fence == fence;

    /// <summary>
    /// Reads the rows, beginning after the call, and settles what only promises hold; with it, whether anybody else has owned since,
    /// who may have changed settings. Who comes while a reading is under way waits
    /// for the next one, together with all others who do.
    /// </summary>
    public Task Look()
    {
        if (_look.IsCompleted)
            return _look = Read();
        return _nextLook ??= ReadAfter(_look);
    }

    async Task ReadAfter(Task look)
    {
        await look.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        // From here on it is too late to join this reading.
        _nextLook = null;
        await (_look = Read());
    }

    async Task Read()
    {
        await Own();
        var fence = Fence;
        var mark = holdings.Mark();
        var seen = await store.Look(kind, id);
        // Unless that is the epoch which this activation itself is taking just now.
        if (seen.Fence.Epoch > fence.Epoch && IsCurrent(fence) && _taking.IsCompleted)
            Usurped?.Invoke();
        var unknown = holdings.Merge(seen.Live, mark);
        if (unknown || holdings.HasStalePromise(time.Now(), PromiseLife))
            await MoveOn(fence);
    }

    async Task Take()
    {
        ThrowIfEnded?.Invoke();
        Ownership taken;
        try
        {
            taken = await store.TakeOwnership(kind, id);
            // An epoch guards the rows, not what the owner had read of its own record: that may have been changed meanwhile.
            if (_taken > 0 && taken.Fence.Epoch > _taken + 1)
                Usurped?.Invoke();
            if (_taken == 0 && taken.Fence.Epoch > 1 && First is not null)
                await First();
        }
        catch
        {
            _fence = null;
            if (_taken > 0)
                Unsure?.Invoke();
            throw;
        }

        _taken = taken.Fence.Epoch;
        _fence = taken.Fence;
        holdings.Reset(taken.Live);
    }
}
