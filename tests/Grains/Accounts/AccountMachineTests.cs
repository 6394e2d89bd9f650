using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Options;
using SessionManager.Sessions;

namespace SessionManager.Tests.Accounts;

public sealed class AccountMachineTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);
    static readonly AccountOptions Options = new() { MaxConcurrent = 2 };

    [Fact]
    public void Grants_up_to_the_limit_and_not_one_more()
    {
        var record = Granted("s-1", "s-2");

        var refusal = AccountMachine.Refuse(record, null, Now, Options);

        Assert.Equal(ErrorCatalogue.ConcurrentLimit, refusal!.Code);
        Assert.Equal((2, 2), (refusal.Details!.ActiveCount, refusal.Details.Limit));
        Assert.Equal(600, refusal.RetryAfterSeconds);
    }

    [Fact]
    public void A_lapsed_lease_holds_no_slot_from_its_very_instant()
    {
        var record = Granted("s-1", "s-2");

        Assert.NotNull(AccountMachine.Refuse(record, null, Now.AddSeconds(599.999), Options));
        Assert.Null(AccountMachine.Refuse(record, null, Now.AddSeconds(600), Options));
    }

    [Fact]
    public void A_connected_session_holds_its_slot_for_ever()
    {
        var record = AccountMachine.Hold(Granted("s-1"), "s-1", Now).Value!;

        Assert.Equal(1, AccountMachine.ActiveCount(record, Now.AddDays(300)));
    }

    [Fact]
    public void A_session_whose_slot_has_lapsed_cannot_take_it_back()
    {
        var record = Granted("s-1");
        var later = Now.AddSeconds(600);

        Assert.Equal(ErrorCatalogue.SessionExpired, AccountMachine.Hold(record, "s-1", later).Refusal!.Code);
        Assert.Null(AccountMachine.Extend(record, "s-1", later.AddSeconds(600), later));
        Assert.Equal(ErrorCatalogue.SessionExpired, AccountMachine.Hold(record, "s-unknown", Now).Refusal!.Code);
    }

    [Fact]
    public void A_token_does_not_put_off_a_check_that_is_due()
    {
        var granted = Granted("s-1");
        var told = AccountMachine.Checked(granted, "s-1", granted.Leases["s-1"], new SessionHold(Now.AddSeconds(600), Now.AddSeconds(60)), Now);
        var almost = Now.AddSeconds(59);

        Assert.True(AccountMachine.Extend(told, "s-1", almost.AddSeconds(600), almost)!.Leases["s-1"].IsDue(Now.AddSeconds(60)));
        Assert.False(AccountMachine.Extend(told, "s-1", Now.AddSeconds(601), Now)!.Leases["s-1"].IsDue(Now.AddSeconds(9)));
    }

    [Fact]
    public void A_connect_does_not_save_a_session_that_a_revocation_or_a_suspension_is_about_to_drop()
    {
        var record = AccountMachine.Grant(Opened with { KeysEnabled = true }, "s-1", "key", Now.AddSeconds(600), Now);
        var connected = AccountMachine.Hold(record, "s-1", Now).Value!;

        Assert.Equal(ErrorCatalogue.SessionDropped, AccountMachine.Hold(AccountMachine.RevokeKey(record, "key", false, Now), "s-1", Now).Refusal!.Code);
        Assert.Equal(ErrorCatalogue.SessionDropped, AccountMachine.Hold(record with { Suspended = true }, "s-1", Now).Refusal!.Code);
        Assert.True(AccountMachine.Hold(AccountMachine.RevokeKey(connected, "key", false, Now), "s-1", Now).Ok);
    }

    [Fact]
    public void Repeated_commands_change_nothing()
    {
        var held = AccountMachine.Hold(Granted("s-1"), "s-1", Now).Value!;

        Assert.Same(held, AccountMachine.Hold(held, "s-1", Now.AddSeconds(5)).Value);
        Assert.Same(held, AccountMachine.Extend(held, "s-1", Now.AddSeconds(900), Now));
        var released = AccountMachine.Release(held, "s-1", 10, settled: true, Now);
        Assert.Same(released, AccountMachine.Release(released, "s-1", 10, settled: true, Now));
    }

    [Fact]
    public void What_a_session_streamed_is_counted_once_however_often_it_is_released()
    {
        var held = AccountMachine.Hold(Granted("s-1"), "s-1", Now.AddHours(-2)).Value!;
        var unsettled = AccountMachine.Release(held, "s-1", 7200, settled: false, Now);
        var again = AccountMachine.Release(unsettled, "s-1", 7200, settled: false, Now);
        var settled = AccountMachine.Release(again, "s-1", 7200, settled: true, Now);

        Assert.Equal(7200, AccountMachine.StreamedSeconds(settled, Now));
        Assert.Equal(0, AccountMachine.ActiveCount(unsettled, Now));
        Assert.Empty(settled.Leases);
    }

    [Fact]
    public void Hours_are_counted_while_they_run_and_refused_when_they_are_used_up()
    {
        var options = new AccountOptions { MaxConcurrent = 9, MonthlyHours = 1 };
        var record = AccountMachine.Hold(Granted("s-1"), "s-1", Now).Value!;

        Assert.Null(AccountMachine.Refuse(record, null, Now.AddMinutes(59), options));
        var refusal = AccountMachine.Refuse(record, null, Now.AddMinutes(90), options);
        Assert.Equal(ErrorCatalogue.MonthlyLimit, refusal!.Code);
        Assert.Equal(1.5, refusal.Details!.UsedHours);
        Assert.Equal(1, refusal.Details.LimitHours);
        Assert.Equal(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), refusal.Details.ResetDate);
    }

    [Fact]
    public void A_new_month_begins_at_zero_and_takes_only_its_own_part_of_a_running_stream()
    {
        var endOfMarch = new DateTimeOffset(2026, 3, 31, 23, 0, 0, TimeSpan.Zero);
        var april = endOfMarch.AddHours(3);
        var record = AccountMachine.Grant(Opened, "s-1", null, endOfMarch.AddSeconds(600), endOfMarch);
        record = AccountMachine.Hold(record, "s-1", endOfMarch).Value!;

        Assert.Equal(3599, AccountMachine.StreamedSeconds(record, endOfMarch.AddSeconds(3599)));
        Assert.Equal(7200, AccountMachine.StreamedSeconds(record, april));
        Assert.Equal(7200, AccountMachine.StreamedSeconds(AccountMachine.Release(record, "s-1", 10800, true, april), april));
    }

    [Fact]
    public void A_suspended_account_a_revoked_key_and_switched_off_keys_mint_nothing()
    {
        var suspended = AccountMachine.Change(Opened, new AccountChange { Suspended = true, Reason = "unpaid" });
        Assert.Equal(ErrorCatalogue.AccountSuspended, AccountMachine.Refuse(suspended, null, Now, Options)!.Code);
        Assert.Equal("unpaid", AccountMachine.Refuse(suspended, null, Now, Options)!.Details!.Reason);

        var revoked = AccountMachine.RevokeKey(Opened with { KeysEnabled = true }, "key_1", false, Now);
        Assert.Equal(ErrorCatalogue.InvalidKey, AccountMachine.Refuse(revoked, "key_1", Now, Options)!.Code);
        Assert.Null(AccountMachine.Refuse(revoked, "key_2", Now, Options));

        Assert.Equal(ErrorCatalogue.KeysDisabled, AccountMachine.Refuse(Opened, "key_2", Now, Options)!.Code);
        Assert.Null(AccountMachine.Refuse(Opened with { IsAdmin = true }, "key_2", Now, Options));
        Assert.Null(AccountMachine.Refuse(Opened, null, Now, Options));
    }

    [Fact]
    public void Revoked_keys_are_forgotten_in_time()
    {
        var record = AccountMachine.RevokeKey(Opened, "key_1", false, Now);
        record = AccountMachine.RevokeKey(record, "key_2", false, Now.AddHours(1));

        Assert.Equal(["key_2"], record.RevokedKeys.Keys);
    }

    [Theory]
    [InlineData(true, false, false, null)]
    [InlineData(false, true, false, null)]
    [InlineData(false, false, false, DropReason.Terminated)]
    [InlineData(false, false, true, null)]
    public void What_a_key_minted_and_nobody_connected_to_ends_when_the_account_loses_its_keys(
        bool keysEnabled, bool isAdmin, bool connected, DropReason? end)
    {
        var record = Opened with { KeysEnabled = keysEnabled, IsAdmin = isAdmin };
        var lease = new Lease { KeyId = "key_1", SlotUntil = connected ? null : Now.AddMinutes(1).ToUnixTimeMilliseconds() };

        Assert.Equal(end, AccountMachine.Doom(record, lease));
        Assert.Null(AccountMachine.Doom(record, lease with { KeyId = null }));
    }

    [Fact]
    public void Lifting_a_suspension_takes_its_reason_with_it()
    {
        var suspended = AccountMachine.Change(Opened, new AccountChange { Suspended = true, Reason = "unpaid" });
        var lifted = AccountMachine.Change(suspended, new AccountChange { Suspended = false });

        Assert.Equal((false, null), (lifted.Suspended, lifted.SuspendedReason));
    }

    [Fact]
    public void The_sweep_takes_the_sessions_own_word_for_what_it_holds()
    {
        var record = Granted("s-1");
        var hold = new SessionHold(Now.AddSeconds(600), Now.AddSeconds(900));

        var told = AccountMachine.Checked(record, "s-1", record.Leases["s-1"], hold, Now.AddSeconds(30));

        Assert.False(told.Leases["s-1"].IsDue(Now.AddSeconds(899)));
        Assert.True(told.Leases["s-1"].IsDue(Now.AddSeconds(900)));
    }

    [Fact]
    public void An_answer_to_the_sweep_that_a_connect_has_overtaken_is_void()
    {
        var record = Granted("s-1");
        var connected = AccountMachine.Hold(record, "s-1", Now).Value!;

        var told = AccountMachine.Checked(
            connected, "s-1", record.Leases["s-1"], new SessionHold(Now.AddSeconds(600), null), Now.AddSeconds(30));

        Assert.Same(connected, told);
    }

    [Fact]
    public void A_lease_without_a_session_is_forgotten_but_not_before_its_mint_must_be_over()
    {
        var record = Granted("s-1");
        var asked = record.Leases["s-1"];

        Assert.Same(record, AccountMachine.Checked(record, "s-1", asked, null, Now.AddSeconds(9)));
        Assert.Empty(AccountMachine.Checked(record, "s-1", asked, null, Now.AddSeconds(10)).Leases);
    }

    [Fact]
    public void A_new_lease_is_checked_soon_and_a_connected_one_at_every_sweep()
    {
        var record = Granted("s-1");

        Assert.False(record.Leases["s-1"].IsDue(Now.AddSeconds(9)));
        Assert.True(record.Leases["s-1"].IsDue(Now.AddSeconds(10)));
        Assert.True(AccountMachine.Hold(record, "s-1", Now).Value!.Leases["s-1"].IsDue(Now));
    }

    [Fact]
    public void The_configured_defaults_hold_where_the_account_has_no_limit_of_its_own()
    {
        var own = AccountMachine.Change(Opened, new AccountChange { MaxConcurrent = 7, MonthlyHours = -1, MaxStreamSeconds = 60 });
        var options = new AccountOptions { MaxConcurrent = 3, MonthlyHours = 10, MaxStreamSeconds = 99 };

        Assert.Equal(3, AccountMachine.View("a", Opened, Now, options).MaxConcurrent);
        Assert.Equal(10, AccountMachine.View("a", Opened, Now, options).MonthlyHours);
        Assert.Equal(7, AccountMachine.View("a", own, Now, options).MaxConcurrent);
        Assert.Null(AccountMachine.View("a", own, Now, options).MonthlyHours);
        Assert.Equal(60, AccountMachine.View("a", own, Now, options).MaxStreamSeconds);
    }

    static AccountRecord Opened => AccountMachine.Open(new AccountSettings(), Now);

    static AccountRecord Granted(params string[] sessionIds) =>
        sessionIds.Aggregate(Opened, (record, id) => AccountMachine.Grant(record, id, null, Now.AddSeconds(600), Now));
}
