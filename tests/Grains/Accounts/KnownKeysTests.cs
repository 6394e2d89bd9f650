using System.Collections.Immutable;
using SessionManager.Accounts;
using SessionManager.Keys;

namespace SessionManager.Tests.Accounts;

public sealed class KnownKeysTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly ImmutableArray<byte> Hash = KeyFormat.Hash("one");
    static readonly KeyPrincipal Key = new("key_1", "usr_a", [Scopes.SessionsRead]);
    readonly KnownKeys _keys = new();

    [Fact]
    public void A_key_is_known_by_the_hash_that_was_found_right_and_by_a_token_got_for_it()
    {
        Remember(Key);

        Assert.Equal(Key, Find(Hash));
        Assert.Equal(Key, Find(null));
        Assert.Null(Find(KeyFormat.Hash("two")));
        Assert.Null(Find([]));
        Assert.Null(_keys.Find("key_2", Hash, Now));
    }

    [Fact]
    public void A_key_that_was_asked_by_a_token_is_asked_again_for_its_own_hash()
    {
        _keys.Remember(Key, null, _keys.Forgotten, Now);

        Assert.Equal(Key, Find(null));
        Assert.Null(Find(Hash));
    }

    [Fact]
    public void A_forgotten_key_is_asked_again()
    {
        Remember(Key);
        _keys.Forget(Key.KeyId);

        Assert.Null(Find(Hash));
        Assert.Null(Find(null));
    }

    [Fact]
    public void What_was_answered_before_a_revocation_is_not_remembered_after_it()
    {
        var asOf = _keys.Forgotten;
        _keys.Forget(Key.KeyId);
        _keys.Remember(Key, Hash, asOf, Now);

        Assert.Null(Find(Hash));
    }

    [Fact]
    public void A_key_is_asked_again_at_its_end_and_after_a_while_whichever_way_the_clock_is_set()
    {
        Remember(Key with { EndsAt = Now.AddSeconds(1) });
        Assert.NotNull(_keys.Find(Key.KeyId, Hash, Now.AddMilliseconds(999)));
        Assert.Null(_keys.Find(Key.KeyId, Hash, Now.AddSeconds(1)));

        Remember(Key);
        Assert.NotNull(_keys.Find(Key.KeyId, Hash, Now + KnownKeys.Life - TimeSpan.FromMilliseconds(1)));
        Assert.Null(_keys.Find(Key.KeyId, Hash, Now + KnownKeys.Life));
        Assert.Null(_keys.Find(Key.KeyId, Hash, Now - KnownKeys.Life));
    }

    void Remember(KeyPrincipal key) => _keys.Remember(key, Hash, _keys.Forgotten, Now);

    KeyPrincipal? Find(ImmutableArray<byte>? hash) => _keys.Find(Key.KeyId, hash, Now);
}
