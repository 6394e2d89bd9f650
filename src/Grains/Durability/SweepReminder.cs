using Orleans;

namespace SessionManager.Durability;

/// <summary>
/// The reminder that wakes a grain to sweep, kept only while there is something to sweep. Registering and removing never
/// cross: who needs it while it is being removed waits, and registers it again.
/// </summary>
sealed class SweepReminder(Grain grain, string name, TimeSpan period)
{
    Task? _registered;
    Task _removed = Task.CompletedTask;

    /// <summary>Completes when it is durable. Free once it is.</summary>
    public Task Ensure() => _registered is { IsFaulted: false, IsCanceled: false } ? _registered : _registered = Register();

    /// <param name="fence">Writes the grain's record, and fails where another activation has written since.</param>
    public Task End(Func<Task> fence)
    {
        _registered = null;
        return _removed = Remove(fence);
    }

    async Task Register()
    {
        // Whether a removal succeeded does not matter here, only that it is over.
        await _removed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        // Each activation registers it anew, which must not put off the next tick by a whole period again and again.
        await grain.RegisterOrUpdateReminder(name, TimeSpan.FromSeconds(1), period);
    }

    async Task Remove(Func<Task> fence)
    {
        if (await grain.GetReminder(name) is not { } reminder)
            return;
        // Only who still owns the record knows that there is nothing to sweep. An owner that came after the fence registers
        // anew, and this reminder is another one by then.
        await fence();
        await grain.UnregisterReminder(reminder);
    }
}
