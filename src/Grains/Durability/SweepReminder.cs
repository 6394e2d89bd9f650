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

    public Task End()
    {
        _registered = null;
        return _removed = Remove();
    }

    async Task Register()
    {
        // Whether a removal succeeded does not matter here, only that it is over.
        await _removed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await grain.RegisterOrUpdateReminder(name, period, period);
    }

    async Task Remove()
    {
        if (await grain.GetReminder(name) is { } reminder)
            await grain.UnregisterReminder(reminder);
    }
}
