using SessionManager.Accounts;
using SessionManager.Users;

namespace SessionManager.Tests.Users;

public sealed class AdministratorsRecordTests
{
    static readonly AdministratorsRecord Alone = new() { ClaimedBy = "a", Administrators = ["a"] };
    static readonly AdministratorsRecord Two = Alone with { Administrators = ["a", "b"] };

    [Fact]
    public void The_last_administrator_can_neither_step_down_nor_be_suspended()
    {
        Assert.Null(Alone.Before("a", Administrator("a"), new AccountChange { IsAdmin = false }));
        Assert.Null(Alone.Before("a", Administrator("a"), new AccountChange { Suspended = true }));
    }

    [Fact]
    public void One_of_two_can_and_is_counted_out_before_the_account_changes()
    {
        Assert.Equal("a", Names(Two.Before("b", Administrator("b"), new AccountChange { IsAdmin = false })));
        Assert.Equal("b", Names(Two.Before("a", Administrator("a"), new AccountChange { Suspended = true })));
    }

    [Fact]
    public void A_suspended_administrator_does_not_count()
    {
        var without = Two.Before("b", Administrator("b"), new AccountChange { Suspended = true })!;

        Assert.Null(without.Before("a", Administrator("a"), new AccountChange { IsAdmin = false }));
        Assert.Same(without, without.After("b", Administrator("b") with { Suspended = true }));
        Assert.Equal("a b", Names(without.After("b", Administrator("b"))));
    }

    [Fact]
    public void An_administrator_counts_only_once_the_account_is_one()
    {
        var user = Administrator("b") with { IsAdmin = false };
        var change = new AccountChange { IsAdmin = true };

        Assert.Same(Alone, Alone.Before("b", user, change));
        Assert.Same(Alone, Alone.After("b", user));
        Assert.Equal("a b", Names(Alone.After("b", user with { IsAdmin = true })));
    }

    [Fact]
    public void Changes_that_do_not_touch_administration_are_never_refused()
    {
        Assert.Same(Alone, Alone.Before("a", Administrator("a"), new AccountChange { MaxConcurrent = 1 }));
        Assert.Same(Alone, Alone.Before("b", Administrator("b") with { IsAdmin = false }, new AccountChange { Suspended = true }));
        Assert.Same(Alone, Alone.Before("a", Administrator("a"), new AccountChange { IsAdmin = true, Suspended = false }));
    }

    static string Names(AdministratorsRecord? record) => string.Join(' ', record!.Administrators);

    static Account Administrator(string id) =>
        new() { AccountId = id, IsAdmin = true, MaxConcurrent = 5, ActiveCount = 0, OpenedAt = DateTimeOffset.UnixEpoch };
}
