namespace SessionManager.Compare;

/// <summary>What a session costs in memory that was minted and that nobody has connected to.</summary>
static class IdleSessions
{
    const int Callers = 64;

    /// <summary>Bytes of the managed heap a session, after a full collection.</summary>
    public static async Task<double> Bytes(ServerProcess product, double seconds)
    {
        // The first burst fills what is filled once: pools, caches, compiled code.
        await Drive.Run(product, Callers, seconds);
        var before = await ManagedHeap.AfterCollection(product.ProcessId);
        var minted = await Drive.Run(product, Callers, seconds * 2);
        var sessions = minted.Rate * (seconds * 2 + Math.Max(1, seconds / 2));
        return (await ManagedHeap.AfterCollection(product.ProcessId) - before) / sessions;
    }
}
