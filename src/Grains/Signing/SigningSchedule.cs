using System.Collections.Immutable;

namespace SessionManager.Signing;

/// <summary>When keys are made, sign and are retired, as pure functions of (keys, now).</summary>
public static class SigningSchedule
{
    /// <summary>The key that signs now: the newest whose time has come.</summary>
    public static StoredKey? Signer(ImmutableArray<StoredKey> keys, DateTimeOffset now) =>
        keys.LastOrDefault(key => key.SignsFrom <= now);

    /// <summary>Whether a successor must be published now, so that it can sign when the signer's time is over.</summary>
    public static bool NeedsSuccessor(ImmutableArray<StoredKey> keys, DateTimeOffset now, SigningOptions options) =>
        keys.IsEmpty || now >= keys[^1].SignsFrom.AddSeconds(options.RotationSeconds - options.PublishSeconds);

    /// <summary>The keys without those whose last token has expired long ago.</summary>
    public static ImmutableArray<StoredKey> Published(ImmutableArray<StoredKey> keys, DateTimeOffset now, SigningOptions options)
    {
        var retired = 0;
        while (retired + 1 < keys.Length && now >= keys[retired + 1].SignsFrom.AddSeconds(options.RetireSeconds))
            retired++;
        return keys[retired..];
    }

    /// <summary>When the next key is made, begins to sign or is retired: until then a copy of the set is good.</summary>
    public static DateTimeOffset NextChange(ImmutableArray<StoredKey> keys, DateTimeOffset now, SigningOptions options) =>
        keys.Select(key => key.SignsFrom)
            .Concat(keys.Skip(1).Select(key => key.SignsFrom.AddSeconds(options.RetireSeconds)))
            .Append(keys[^1].SignsFrom.AddSeconds(options.RotationSeconds - options.PublishSeconds))
            .Where(change => change > now)
            .DefaultIfEmpty(now.AddSeconds(options.PublishSeconds))
            .Min();
}
