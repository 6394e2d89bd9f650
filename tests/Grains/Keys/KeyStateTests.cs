using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Tests.Keys;

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
        Assert.Equal(new KeyPrincipal(Id, "usr_a", Record.Scopes), Living.Authenticate(Id, KeyFormat.Hash("one"), Now).Value);
        Assert.False(Living.Authenticate(Id, KeyFormat.Hash("two"), Now).Ok);
        Assert.False(Living.Authenticate(Id, [], Now).Ok);
    }

    [Fact]
    public void A_token_got_for_a_key_opens_without_the_hash_as_long_as_the_key_lives()
    {
        Assert.True(Living.Authenticate(Id, null, Now).Ok);
        Assert.False(KeyState.Revoked(Now).Authenticate(Id, null, Now).Ok);
        Assert.False(new KeyState().Authenticate(Id, null, Now).Ok);
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
        var limited = new KeyState().Create(Record with { ExpiresAt = Now.AddDays(1) })!;

        Assert.True(Living.Authenticate(Id, null, Now.AddYears(100)).Ok);
        Assert.True(limited.Authenticate(Id, null, Now.AddDays(1).AddTicks(-1)).Ok);
        Assert.False(limited.Authenticate(Id, null, Now.AddDays(1)).Ok);
        Assert.False(limited.Authenticate(Id, Record.Hash, Now.AddDays(1)).Ok);
    }

    [Fact]
    public void That_a_key_has_ended_is_told_to_whoever_has_it_and_to_nobody_else()
    {
        var limited = new KeyState().Create(Record with { ExpiresAt = Now })!;

        Assert.Equal("The API key expired at 2026-01-01T12:00:00Z.", limited.Authenticate(Id, Record.Hash, Now).Refusal!.Message);
        Assert.Null(limited.Authenticate(Id, KeyFormat.Hash("two"), Now).Refusal!.Message);
    }

    [Fact]
    public void A_replaced_key_ends_with_its_grace_or_at_its_own_end_whichever_comes_first()
    {
        var replaced = Living.Supersede("key_b", Now.AddDays(2), null, Now).Value!;
        var limited = new KeyState().Create(Record with { ExpiresAt = Now.AddDays(1) })!;

        Assert.Equal(Now.AddDays(2), replaced.Describe(Id)!.ExpiresAt);
        Assert.Null(replaced.Describe(Id)!.OwnEnd);
        Assert.Equal("key_b", replaced.Describe(Id)!.ReplacedBy);
        Assert.True(replaced.Authenticate(Id, null, Now.AddDays(1)).Ok);
        Assert.False(replaced.Authenticate(Id, null, Now.AddDays(2)).Ok);
        Assert.Equal(Now.AddDays(1), limited.Supersede("key_b", Now.AddDays(2), null, Now).Value!.Describe(Id)!.ExpiresAt);
    }

    [Fact]
    public void A_key_has_one_successor_and_another_only_where_that_is_gone()
    {
        var replaced = Living.Supersede("key_b", Now.AddDays(2), null, Now).Value!;

        Assert.Same(replaced, replaced.Supersede("key_b", Now.AddDays(9), null, Now).Value);
        var refused = replaced.Supersede("key_c", Now.AddDays(1), null, Now).Refusal!;
        Assert.Equal(ErrorCatalogue.KeyRotated, refused.Code);
        Assert.Contains("key_b", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Now.AddDays(1), replaced.Supersede("key_c", Now.AddDays(1), "key_b", Now).Value!.Describe(Id)!.ExpiresAt);
        Assert.Equal(Now.AddDays(2), replaced.Supersede("key_c", Now.AddDays(3), "key_b", Now).Value!.Describe(Id)!.ExpiresAt);
    }

    [Fact]
    public void An_ended_or_revoked_key_has_no_successor()
    {
        var limited = new KeyState().Create(Record with { ExpiresAt = Now })!;

        Assert.Equal(ErrorCatalogue.KeyEnded, limited.Supersede("key_b", Now.AddDays(1), null, Now).Refusal!.Code);
        Assert.Equal(ErrorCatalogue.KeyNotFound, KeyState.Revoked(Now).Supersede("key_b", Now, null, Now).Refusal!.Code);
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
