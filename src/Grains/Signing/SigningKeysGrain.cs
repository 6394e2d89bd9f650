using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Randomness;

namespace SessionManager.Signing;

/// <summary>Hosts <see cref="SigningSchedule"/>. Whoever asks first after a change is due brings it about.</summary>
[GrainType("signing")]
public sealed class SigningKeysGrain(
    [PersistentState("signing")] IPersistentState<SigningRecord> state,
    IOptions<SigningOptions> options,
    ISecretProtector protector,
    IRandomSource random,
    TimeProvider time)
    : DurableGrain<SigningRecord>(state), ISigningKeysGrain
{
    /// <summary>A copy is asked for again this often even where nothing is due: a rotation by hand has no schedule.</summary>
    static readonly TimeSpan LongestCopy = TimeSpan.FromMinutes(5);

    readonly SigningOptions _options = options.Value;

    public Task<SigningKeySet> Get() => Update(rotate: false);

    public Task<SigningKeySet> Rotate() => Update(rotate: true);

    async Task<SigningKeySet> Update(bool rotate)
    {
        var now = time.Now();
        var keys = SigningSchedule.Published(Record.Keys, now, _options);
        var waiting = keys.Any(key => key.SignsFrom > now);
        if (SigningSchedule.NeedsSuccessor(keys, now, _options) || (rotate && !waiting))
            keys = keys.Add(NewKey(now, signsFrom: keys.IsEmpty ? now : now.AddSeconds(_options.PublishSeconds)));
        if (keys != Record.Keys)
        {
            Record = Record with { Keys = keys };
            await Write();
        }

        var signer = SigningSchedule.Signer(keys, now) ?? keys[0];
        var refresh = SigningSchedule.NextChange(keys, now, _options);
        return new SigningKeySet(
            [Open(signer), .. keys.Where(key => key != signer).Select(Open)],
            refresh < now + LongestCopy ? refresh : now + LongestCopy);
    }

    StoredKey NewKey(DateTimeOffset now, DateTimeOffset signsFrom)
    {
        Span<byte> id = stackalloc byte[10];
        random.Fill(id);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = key.ExportPkcs8PrivateKey();
        var stored = protector.Protect(secret);
        CryptographicOperations.ZeroMemory(secret);
        return new StoredKey(Base32.Encode(id), [.. stored], now, signsFrom);
    }

    SigningKey Open(StoredKey key) => new(key.KeyId, [.. protector.Unprotect(key.ProtectedKey.AsSpan())], key.CreatedAt);
}
