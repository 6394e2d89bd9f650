using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Tests.Sessions;

/// <summary>What an account or a node has promised, when another activation owns it by then, or a message was lost.</summary>
public sealed class OwnershipTests : SessionsOnSilo
{
    [Fact]
    public async Task What_a_node_promised_before_it_was_made_smaller_or_drained_holds_no_more()
    {
        await Register("n-1", capacity: 2);
        var first = await Promise();
        await Register("n-1", capacity: 2);
        Assert.Equal(first, await Promise());
        await Register("n-1", capacity: 1);
        var second = await Store.Look(OwnerKind.Node, "n-1");
        Assert.True(second.Fence.Epoch > first);
        await Node("n-1").Drain(Owner);
        Assert.True((await Store.Look(OwnerKind.Node, "n-1")).Fence.Epoch > second.Fence.Epoch);

        async Task<long> Promise()
        {
            var promise = (await Node("n-1").Reserve("ses_new", version: 0, Cluster.Clock.GetUtcNow().AddMinutes(1)))!;
            await Node("n-1").GiveBack("ses_new", promise);
            return promise.Epoch;
        }
    }

    [Fact]
    public async Task A_place_given_back_late_is_not_that_of_a_later_promise_to_the_same_session()
    {
        await Register("n-1", capacity: 1);
        var early = (await Node("n-1").Reserve("ses_1", version: 0, until: null))!;
        await Cluster.End(Node("n-1"));
        var late = (await Node("n-1").Reserve("ses_1", version: 0, until: null))!;
        Assert.Equal(early.Ticket, late.Ticket);

        await Node("n-1").GiveBack("ses_1", early);
        Assert.Null(await Node("n-1").Reserve("ses_2", version: 0, until: null));
        await Node("n-1").GiveBack("ses_1", late);
        Assert.NotNull(await Node("n-1").Reserve("ses_2", version: 0, until: null));
    }

    [Fact]
    public async Task A_deadline_that_another_process_has_stored_is_kept_when_the_sweep_wakes_the_session()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MaxStreamSeconds = 10 });
        var session = await Mint();
        await Session(session).IssueToken(Account);
        // Another process connects it, and this one does not know.
        var now = Cluster.Clock.GetUtcNow();
        await Store.Update(SessionMachine.Connect(Row(session), "c", now.AddSeconds(10), now, new SessionOptions()), []);

        await Pass(TimeSpan.FromSeconds(11));
        await Session(session).Wake();
        Assert.Equal(DropReason.DurationLimit, Row(session).Reason);
    }

    [Fact]
    public async Task An_account_that_is_no_owner_any_more_gives_out_nothing_and_the_next_activation_does()
    {
        await Register("n-1");
        await Mint();
        // Another process has taken the account over, and this one does not know.
        await Store.TakeOwnership(OwnerKind.Account, Account);

        var minted = await TryMint(NewId());
        if (minted is null)
            minted = await TryMint(NewId());
        Assert.True(minted!.Value.Ok);
        Assert.Equal(2, (await Mints.Get())!.ActiveCount);
    }

    [Fact]
    public async Task An_account_that_was_forgiven_elsewhere_refuses_nobody_by_its_old_settings()
    {
        await Register("n-1");
        await Mint();
        await Mints.Change(new AccountChange { Suspended = true });
        // Another process has taken the account over, has lifted the suspension, and this one does not know.
        Cluster.Store.Overwrite(Mints, "account", new AccountRecord { OpenedAt = Cluster.Clock.GetUtcNow(), KeysEnabled = true });
        await Store.TakeOwnership(OwnerKind.Account, Account);

        Assert.Null(await TryMint(NewId()));
        await Mint();
    }

    [Fact]
    public async Task A_node_that_is_no_owner_any_more_gives_no_place_and_the_next_activation_does()
    {
        await Register("n-1");
        await Mint();
        await Store.TakeOwnership(OwnerKind.Node, "n-1");

        await Mint();
        Assert.Equal(2, (await Node("n-1").Get())!.Used);
    }

    [Fact]
    public async Task A_place_promised_to_a_mint_that_never_came_is_given_to_the_next_after_a_while_and_the_late_mint_cannot_land()
    {
        await Register("n-1", capacity: 1);
        var promise = await Node("n-1").Reserve("ses_lost", 0, Cluster.Clock.GetUtcNow().AddMinutes(10));
        Assert.Equal(ErrorCatalogue.NoStreamer, (await TryMint(NewId()))!.Value.Refusal!.Code);

        await Cluster.Advance(SessionManager.Owners.Owner.PromiseLife);
        await Mint();
        Assert.NotEqual(promise!.Epoch, (await Node("n-1").Reserve("ses_none", 0, null))?.Epoch ?? 0);
        var row = (await Store.Find((await Store.Look(OwnerKind.Node, "n-1")).Live.Single().SessionId))!;
        var late = row with { SessionId = "ses_lost", Version = 1, AccountId = "usr_b" };
        var account = await Store.TakeOwnership(OwnerKind.Account, "usr_b");
        var written = await Store.Insert(new SessionChange(late, [], []), account.Fence, new Fence(OwnerKind.Node, "n-1", promise.Epoch));
        Assert.Equal((WriteOutcome.Fenced, OwnerKind.Node), (written.Outcome, written.FencedBy));
    }

    [Fact]
    public async Task A_lost_message_about_a_freed_slot_refuses_nobody()
    {
        await Register("n-1");
        await Mints.Change(new AccountChange { MaxConcurrent = 1 });
        var session = await Mint();
        var row = (await Store.Find(session))!;
        // Dropped, and neither account nor node has heard of it.
        await Store.Update(SessionMachine.Drop(row, DropReason.Terminated, Cluster.Clock.GetUtcNow(), new()), []);

        await Mint();
    }
}
