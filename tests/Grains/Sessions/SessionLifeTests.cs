using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Tests.Sessions;

/// <summary>Sessions from their mint to their end, with their account and their node.</summary>
public sealed class SessionLifeTests : SessionsOnSilo
{
    [Fact]
    public async Task A_mint_wakes_no_session_and_the_account_wakes_it_when_its_token_expires()
    {
        await Register("n-1");
        var session = await Mint();
        Assert.False(Cluster.IsActive(Session(session)));

        await Pass(TimeSpan.FromSeconds(599));
        Assert.False(Cluster.IsActive(Session(session)));
        await Pass(TimeSpan.FromSeconds(1));
        Assert.True((await Store.Find(session))!.TokenExpiryNoted);
        Assert.Equal(0, (await Mints.Get())!.ActiveCount);

        await Pass(TimeSpan.FromSeconds(300));
        Assert.Equal(DropReason.Idle, (await Store.Find(session))!.Reason);
    }

    [Fact]
    public async Task A_token_asked_for_again_while_it_streams_needs_no_place()
    {
        var session = await Stream();
        await TakeForLost("n-1");

        Assert.True((await Session(session).IssueToken(Account)).Ok);
    }

    [Fact]
    public async Task A_token_that_was_found_expired_is_not_given_again_where_the_clock_is_set_back()
    {
        await Register("n-1");
        var session = await Mint();
        var row = Row(session);
        await Store.Update(new SessionChange(row with { Version = row.Version + 1, TokenExpiryNoted = true }, [], []), []);

        Assert.True(row.TokenExpiresAt > Cluster.Clock.GetUtcNow());
        Assert.Equal(ErrorCatalogue.SessionExpired, (await Session(session).IssueToken(Account)).Refusal!.Code);
    }

    [Fact]
    public async Task With_more_slots_a_stream_is_looked_at_as_soon_as_they_could_use_up_the_months_hours()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MonthlyHours = 4, MaxConcurrent = 1 });
        var session = await Mint();
        Assert.True((await Node("n-1").Connected(Owner, session, "c")).Ok);
        var now = Cluster.Clock.GetUtcNow();
        Assert.Equal(now.AddHours(4), Row(session).StreamEndsAt);

        await Mints.Change(new AccountChange { MaxConcurrent = 4 });
        Assert.Equal(now.AddHours(1), Row(session).StreamEndsAt);
    }

    [Fact]
    public async Task A_mint_that_is_repeated_with_its_id_answers_for_the_same_session_and_takes_no_second_slot()
    {
        await Register("n-1");
        var id = NewId();
        var first = await TryMint(id);
        var again = await TryMint(id);

        Assert.Equal(first!.Value.Value!.Session.CreatedAt, again!.Value.Value!.Session.CreatedAt);
        Assert.False(again.Value.Value.Replayed);
        Assert.Equal(1, (await Mints.Get())!.ActiveCount);
    }

    [Fact]
    public async Task The_months_hours_end_every_stream_at_the_instant_they_are_used_up()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MonthlyHours = 1 });
        string[] sessions = [await Mint(), await Mint()];
        foreach (var session in sessions)
            Assert.True((await Node("n-1").Connected(Owner, session, $"c-{session}")).Ok);
        await Pass(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1), sessions);
        Assert.All(sessions, session => Assert.Equal(SessionState.Connected, Row(session).State));

        await Pass(TimeSpan.FromSeconds(1), sessions);
        Assert.All(sessions, session => Assert.Equal(DropReason.DurationLimit, Row(session).Reason));
        Assert.Equal(ErrorCatalogue.MonthlyLimit, (await TryMint(NewId()))!.Value.Refusal!.Code);
    }

    [Fact]
    public async Task A_suspension_ends_every_session_before_it_is_answered()
    {
        await Register("n-1");
        var session = await Mint();
        await Mints.Change(new AccountChange { Suspended = true });

        Assert.Equal(DropReason.AccountSuspended, Row(session).Reason);
        Assert.Equal(ErrorCatalogue.AccountSuspended, (await TryMint(NewId()))!.Value.Refusal!.Code);
    }

    [Fact]
    public async Task A_connected_session_that_its_node_does_not_name_twice_is_lost_and_one_that_nobody_gave_it_is_dropped()
    {
        var session = await Stream();
        await Node("n-1").Heartbeat(Owner, [], null);
        Assert.Equal("c", Row(session).ConnectionId);
        var reply = await Node("n-1").Heartbeat(Owner, ["ses_stranger"], null);

        Assert.Null(Row(session).ConnectionId);
        Assert.Equal(["ses_stranger"], reply.Value!.Drop.ToArray());
        Assert.Equal([session], reply.Value.Expected.ToArray());
    }
}
