using Orleans;
using Orleans.Runtime;

namespace SessionManager.Durability;

/// <summary>
/// A grain with one durable record. Commands change <see cref="Record"/> and answer after <see cref="Write"/>; concurrent
/// writes of a reentrant grain join one another (group commit).
/// </summary>
public abstract class DurableGrain<TRecord>(IPersistentState<TRecord> state) : Grain
    where TRecord : class, new()
{
    readonly TaskCompletionSource _broken = new();

    /// <summary>The last record known to be in storage.</summary>
    TRecord? _durable;

    /// <summary>
    /// What the grain knows, of which the last part may not be written yet: nothing of it may be told before
    /// <see cref="Write"/> has returned.
    /// </summary>
    protected TRecord Record
    {
        get
        {
            ThrowIfBroken();
            return state.State;
        }
        set
        {
            ThrowIfBroken();
            state.State = value;
        }
    }

    /// <summary>
    /// Writes the record, unless it is in storage as it stands. Whatever goes wrong, the outcome is unknown (the storage may have kept
    /// it), so this activation ends and the next one reads what is true; until then every call here fails rather than act on what may
    /// never have been.
    /// </summary>
    protected async Task Write()
    {
        var record = Record;
        if (ReferenceEquals(record, _durable))
            return;
        try
        {
            await state.WriteStateAsync();
            // A write that was joined may have carried a newer record; only an unchanged one is known to be what was written.
            if (ReferenceEquals(record, state.State))
                _durable = record;
        }
        catch
        {
            Break();
            throw;
        }
    }

    /// <summary>Reads again what another activation may have written since.</summary>
    protected async Task Reload()
    {
        ThrowIfBroken();
        await state.ReadStateAsync();
        _durable = null;
    }

    /// <summary>
    /// Awaits what others have to answer, but not after a write has failed: this activation ends only when nothing runs in it
    /// any more, and who is asked may be waiting for the next one. Each would wait for the other.
    /// </summary>
    protected async Task<T> UntilBroken<T>(Task<T> answer)
    {
        await Task.WhenAny(answer, _broken.Task);
        ThrowIfBroken();
        return await answer;
    }

    /// <inheritdoc cref="UntilBroken{T}"/>
    protected async Task UntilBroken(Task answer)
    {
        await Task.WhenAny(answer, _broken.Task);
        ThrowIfBroken();
        await answer;
    }

    /// <summary>This activation ends: what it knows may not be so. The next one reads it anew.</summary>
    protected void Break()
    {
        DeactivateOnIdle();
        _broken.TrySetResult();
    }

    /// <summary>Ends this activation, and with it the command that noticed.</summary>
    protected void BreakOff()
    {
        Break();
        ThrowIfBroken();
    }

    /// <summary>Nothing may be decided any more where this activation ends.</summary>
    protected void ThrowIfBroken()
    {
        if (_broken.Task.IsCompleted)
            throw new OrleansException($"{GetType().Name} is being read again after a failed write.");
    }
}
