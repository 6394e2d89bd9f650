using SessionManager.Keys;

namespace SessionManager.Grains.Tests.Keys;

public sealed class KeyStateTests
{
    const string Id = "key_a";
    static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly KeyRecord Record = new()
    {
        AccountId = "usr_a",
        Hash = KeyFormat.Hash("one"),
        Name = "script",
        Prefix = "odn_abcdef",
        Scopes = [Scopes.SessionsRead],
        CreatedAt = Now,
    };

    static readonly KeyState Living = new KeyState().Create(Record)!;

    [Fact]
    public void A_key_opens_for_its_hash_and_for_no_other()
    {
        Assert.Equal(new KeyPrincipal(Id, "usr_a", Record.Scopes), Living.Authenticate(Id, KeyFormat.Hash("one"), Now));
        Assert.Null(Living.Authenticate(Id, KeyFormat.Hash("two"), Now));
        Assert.Null(Living.Authenticate(Id, [], Now));
    }

    [Fact]
    public void A_token_got_for_a_key_opens_without_the_hash_as_long_as_the_key_lives()
    {
        Assert.NotNull(Living.Authenticate(Id, null, Now));
        Assert.Null(KeyState.Revoked(Now).Authenticate(Id, null, Now));
        Assert.Null(new KeyState().Authenticate(Id, null, Now));
    }

    [Fact]
    public void Creating_a_key_again_changes_nothing() => Assert.Same(Living, Living.Create(Record with { Name = "other" }));

    [Fact]
    public void An_id_is_never_given_to_a_second_key()
    {
        Assert.Throws<InvalidOperationException>(() => Living.Create(Record with { Hash = KeyFormat.Hash("two") }));
        Assert.Throws<InvalidOperationException>(() => Living.Create(Record with { AccountId = "usr_b" }));
    }

    [Fact]
    public void Creating_a_revoked_key_again_does_not_bring_it_back() => Assert.Null(KeyState.Revoked(Now).Create(Record));

    [Fact]
    public void A_late_note_of_use_does_not_bring_a_revoked_key_back()
    {
        var revoked = KeyState.Revoked(Now);

        Assert.Same(revoked, revoked.Used(Now.AddMinutes(1)));
        Assert.Null(revoked.Used(Now.AddMinutes(1)).Describe(Id));
    }

    [Fact]
    public void Nothing_of_a_revoked_key_is_kept() =>
        Assert.Equal(new KeyState { RevokedAt = Now }, KeyState.Revoked(Now));

    [Fact]
    public void A_key_expires_only_where_an_end_was_set_and_then_at_that_very_instant()
    {
        var limited = Living.Expire(Now.AddDays(1));

        Assert.NotNull(Living.Authenticate(Id, null, Now.AddYears(100)));
        Assert.NotNull(limited.Authenticate(Id, null, Now.AddDays(1).AddTicks(-1)));
        Assert.Null(limited.Authenticate(Id, null, Now.AddDays(1)));
        Assert.Null(limited.Authenticate(Id, Record.Hash, Now.AddDays(1)));
    }

    [Fact]
    public void An_end_once_set_only_comes_nearer()
    {
        var limited = Living.Expire(Now.AddDays(2));

        Assert.Same(limited, limited.Expire(Now.AddDays(3)));
        Assert.Equal(Now.AddDays(1), limited.Expire(Now.AddDays(1)).Describe(Id)!.ExpiresAt);
        Assert.Null(KeyState.Revoked(Now).Expire(Now.AddDays(1)).Record);
    }

    [Fact]
    public void Last_use_never_goes_backwards()
    {
        var used = Living.Used(Now.AddMinutes(2));

        Assert.Same(used, used.Used(Now.AddMinutes(1)));
        Assert.Equal(Now.AddMinutes(2), used.Describe(Id)!.LastUsedAt);
        Assert.Null(Living.Describe(Id)!.LastUsedAt);
    }
}
