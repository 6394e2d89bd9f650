using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Tests.Accounts;

public sealed class AccountRulesTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_suspended_account_mints_nothing_and_says_why()
    {
        var suspended = AccountRules.Change(Opened, new AccountChange { Suspended = true, Reason = "unpaid" });

        var refusal = AccountRules.WhyNothingMayBeMinted(suspended, null);
        Assert.Equal((ErrorCatalogue.AccountSuspended, "unpaid"), (refusal!.Code, refusal.Details!.Reason));
        var lifted = AccountRules.Change(suspended, new AccountChange { Suspended = false });
        Assert.Null(AccountRules.WhyNothingMayBeMinted(lifted, null));
        Assert.Null(lifted.SuspendedReason);
    }

    [Fact]
    public void A_key_mints_while_keys_are_enabled_and_it_is_not_revoked()
    {
        Assert.Null(AccountRules.WhyNothingMayBeMinted(Opened, null));
        Assert.Equal(ErrorCatalogue.KeysDisabled, AccountRules.WhyNothingMayBeMinted(Opened, "key")!.Code);
        Assert.Null(AccountRules.WhyNothingMayBeMinted(Opened with { IsAdmin = true }, "key"));
        var enabled = Opened with { KeysEnabled = true };
        Assert.Null(AccountRules.WhyNothingMayBeMinted(enabled, "key"));
        var revoked = AccountRules.RevokeKey(enabled, "key", connectedToo: false, Now);
        Assert.Equal(ErrorCatalogue.InvalidKey, AccountRules.WhyNothingMayBeMinted(revoked, "key")!.Code);
        Assert.Null(AccountRules.WhyNothingMayBeMinted(revoked, "another"));
    }

    [Theory]
    [InlineData(false, false, null, DropReason.Terminated)]
    [InlineData(false, true, null, null)]
    [InlineData(true, false, null, null)]
    [InlineData(true, false, false, DropReason.Terminated)]
    [InlineData(true, true, false, null)]
    [InlineData(true, true, true, DropReason.Terminated)]
    public void What_a_key_minted_outlives_it_only_when_connected_and_not_even_then_where_the_revocation_says_so(
        bool keysEnabled, bool connected, bool? revokedWithConnected, DropReason? expected)
    {
        var record = Opened with { KeysEnabled = keysEnabled };
        if (revokedWithConnected is { } too)
            record = AccountRules.RevokeKey(record, "key", too, Now);

        Assert.Equal(expected, AccountRules.WhyItMustEnd(record, "key", connected));
        Assert.Null(AccountRules.WhyItMustEnd(record, null, connected));
        Assert.Equal(DropReason.AccountSuspended, AccountRules.WhyItMustEnd(record with { Suspended = true }, null, connected));
    }

    [Fact]
    public void A_revocation_that_is_repeated_spares_no_more_than_the_first()
    {
        var revoked = AccountRules.RevokeKey(Opened, "key", connectedToo: true, Now);

        Assert.True(AccountRules.RevokeKey(revoked, "key", connectedToo: false, Now).RevokedKeys["key"].ConnectedToo);
    }

    [Fact]
    public void Revoked_keys_are_remembered_for_as_long_as_a_request_can_be_under_way()
    {
        var record = AccountRules.RevokeKey(Opened, "old", connectedToo: false, Now);

        Assert.Equal(["new", "old"], AccountRules.RevokeKey(record, "new", false, Now.AddMinutes(10)).RevokedKeys.Keys.Order());
        Assert.Equal(["new"], AccountRules.RevokeKey(record, "new", false, Now.AddMinutes(11)).RevokedKeys.Keys);
    }

    [Fact]
    public void The_configured_defaults_hold_where_the_account_has_no_limit_of_its_own()
    {
        var own = AccountRules.Change(Opened, new AccountChange { MaxConcurrent = 7, MonthlyHours = -1, MaxStreamSeconds = 60 });
        var options = new AccountOptions { MaxConcurrent = 3, MonthlyHours = 10, MaxStreamSeconds = 99 };

        var view = AccountRules.View("a", Opened, 0, options);
        Assert.Equal((3, 10, 99), (view.MaxConcurrent, view.MonthlyHours, view.MaxStreamSeconds));
        view = AccountRules.View("a", own, 0, options);
        Assert.Equal((7, null, 60), (view.MaxConcurrent, view.MonthlyHours, view.MaxStreamSeconds));
    }

    static AccountRecord Opened => AccountRules.Open(new AccountSettings(), Now);
}
