using System.Collections.Concurrent;
using Orleans;
using SessionManager.Keys;

namespace SessionManager.Api.Keys;

/// <summary>
/// Tells a key that it has let someone in: only then, so that a refused use is none. From each process once a second at most; what
/// else comes in that second is as good as told.
/// </summary>
sealed partial class KeyUses(IGrainFactory grains, TimeProvider time, ILogger<KeyUses> logger)
{
    const int MaxKeys = 10_000;
    readonly ConcurrentDictionary<string, long> _told = new();

    public async Task Note(string keyId)
    {
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        if (_told.TryGetValue(keyId, out var last) && last == second)
            return;
        if (_told.Count >= MaxKeys)
            _told.Clear();
        _told[keyId] = second;
        try
        {
            await grains.GetGrain<IKeyGrain>(keyId).Used();
        }
        catch (Exception exception)
        {
            // The request is let in all the same; the next one tells it.
            _told.TryRemove(keyId, out _);
            LogNotTold(logger, keyId, exception);
        }
    }

    [LoggerMessage(1030, LogLevel.Warning, "Key {KeyId} could not be told of its use.")]
    static partial void LogNotTold(ILogger logger, string keyId, Exception exception);
}
