using Microsoft.IdentityModel.Tokens;
using Orleans;
using SessionManager.Signing;

namespace SessionManager.Api.Tokens;

/// <summary>
/// This process's copy of the signing keys. It is fetched again when the set says so, and, not more often than every
/// <see cref="UnknownKeyPause"/>, when a token names a key that is not in it: another process may have rotated early.
/// </summary>
public sealed class SigningKeyCache(IGrainFactory grains, TimeProvider time) : IDisposable
{
    static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(5);

    readonly SemaphoreSlim _fetching = new(1, 1);
    volatile KeyRing? _ring;
    DateTimeOffset _unknownKeysFrom;

    /// <summary>The set that holds now; its first key signs.</summary>
    public ValueTask<KeyRing> Current() =>
        _ring is { } current && time.GetUtcNow() < current.RefreshAt ? ValueTask.FromResult(current) : new(Fetch(_ring));

    /// <summary>The key to check a signature with, or null where no such key is published.</summary>
    public async ValueTask<ECDsaSecurityKey?> Find(string keyId)
    {
        var current = await Current();
        if (current.Keys.TryGetValue(keyId, out var key))
            return key;
        if (time.GetUtcNow() < _unknownKeysFrom)
            return null;
        return (await Fetch(current)).Keys.GetValueOrDefault(keyId);
    }

    /// <summary>Asks for the keys whatever this process has: it shows that grains and storage answer.</summary>
    public async Task Probe() => await grains.GetGrain<ISigningKeysGrain>(ISigningKeysGrain.Key).Get();

    public void Dispose() => _fetching.Dispose();

    /// <summary>One fetch serves all who wait for it; the copy they held tells whether it has been done meanwhile.</summary>
    async Task<KeyRing> Fetch(KeyRing? held)
    {
        await _fetching.WaitAsync();
        try
        {
            if (_ring is { } newer && !ReferenceEquals(newer, held))
                return newer;
            var fetched = KeyRing.Of(await grains.GetGrain<ISigningKeysGrain>(ISigningKeysGrain.Key).Get());
            _unknownKeysFrom = time.GetUtcNow() + UnknownKeyPause;
            // An old copy's keys are not disposed: a request may be signing with one.
            return _ring = fetched;
        }
        finally
        {
            _fetching.Release();
        }
    }
}
