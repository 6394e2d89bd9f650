using System.Collections.Immutable;
using System.Security.Cryptography;
using SessionManager.Keys;

namespace SessionManager.Accounts;

/// <summary>
/// The account's living keys, as their own grains have said, so that a request asks one grain and not two. A key is forgotten before its
/// revocation, or an earlier end, is answered. Where that was cut off before it came here, nobody was told that the key is dead, and it
/// is asked again after <see cref="Life"/>.
/// </summary>
public sealed class KnownKeys
{
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    /// <summary>An account has few; the bound is against a list that only grows.</summary>
    const int MaxKeys = 1_000;

    readonly Dictionary<string, KnownKey> _keys = new(StringComparer.Ordinal);

    /// <summary>How often something was forgotten. Taken before a key is asked, it tells whether the answer may be remembered.</summary>
    public long Forgotten { get; private set; }

    /// <summary>null: its grain must be asked.</summary>
    /// <param name="hash">null where the id comes from a token got for the key.</param>
    public KeyPrincipal? Find(string keyId, ImmutableArray<byte>? hash, DateTimeOffset now) =>
        _keys.TryGetValue(keyId, out var known)
        && (now - known.AskedAt).Duration() < Life
        && !(known.Key.EndsAt <= now)
        && (hash is null || (known.Hash is not null && CryptographicOperations.FixedTimeEquals(known.Hash.Value.AsSpan(), hash.Value.AsSpan())))
            ? known.Key
            : null;

    /// <param name="hash">The one that the key's grain has found right; null where it was asked without.</param>
    /// <param name="asOf"><see cref="Forgotten"/> before the key was asked.</param>
    public void Remember(KeyPrincipal key, ImmutableArray<byte>? hash, long asOf, DateTimeOffset now)
    {
        if (asOf != Forgotten)
            return;
        if (_keys.Count >= MaxKeys)
            _keys.Clear();
        _keys[key.KeyId] = new KnownKey(key, hash, now);
    }

    public void Forget(string keyId)
    {
        Forgotten++;
        _keys.Remove(keyId);
    }

    readonly record struct KnownKey(KeyPrincipal Key, ImmutableArray<byte>? Hash, DateTimeOffset AskedAt);
}
