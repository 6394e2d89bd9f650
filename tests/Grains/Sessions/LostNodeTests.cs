using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Tests.Sessions;

/// <summary>What becomes of sessions when nothing is heard of their node any more.</summary>
public sealed class LostNodeTests : SessionsOnSilo
{
    [Fact]
    public async Task A_session_not_yet_connected_moves_from_a_lost_node_to_one_that_its_address_leads_to()
    {
        await Register("n-1");
        var session = await Mint();
        await Register("n-2", address: "wss://elsewhere");
        await Register("n-3");
        await Lose();

        var moved = (await Store.Find(session))!;
        Assert.Equal((SessionState.Provisioned, "n-3"), (moved.State, moved.NodeId));
        Assert.True((await Node("n-3").Connected(Owner, session, "c")).Ok);
        Assert.Equal(ErrorCatalogue.SessionNotFound, (await Node("n-2").Connected(Owner, session, "c")).Refusal!.Code);
    }

    [Fact]
    public async Task A_session_that_its_client_would_not_find_again_drops_with_its_node_and_its_slot_is_free()
    {
        await Register("n-1", address: "wss://here");
        var session = await Mint();
        await Register("n-2", address: "wss://elsewhere");
        await Register("n-3");
        await Lose();

        Assert.Equal(DropReason.NodeLost, (await Store.Find(session))!.Reason);
        Assert.Equal(0, (await Mints.Get())!.ActiveCount);
    }

    [Fact]
    public async Task A_stream_ends_with_its_node()
    {
        var session = await Stream();
        await Register("n-2");
        await Lose();

        Assert.Equal(DropReason.NodeLost, (await Store.Find(session))!.Reason);
    }

    [Fact]
    public async Task A_stream_outlives_that_its_node_was_taken_for_lost_by_a_process_that_is_gone()
    {
        var session = await Stream();
        await TakeForLost("n-1");

        await Node("n-1").Check();
        Assert.Equal(SessionState.Connected, Row(session).State);
        await Node("n-1").Heartbeat(Owner, [session], null);
        await Node("n-1").Check();
        Assert.True((await Node("n-1").Get())!.Live);
        Assert.Equal(SessionState.Connected, Row(session).State);
    }

    [Fact]
    public async Task What_a_lost_node_left_behind_when_its_process_died_ends_a_lease_later()
    {
        await Register("n-1");
        var session = await Mint();
        await TakeForLost("n-1");

        await Node("n-1").Check();
        await Cluster.Advance(TimeSpan.FromSeconds(LeaseSeconds));
        Assert.Equal(DropReason.NodeLost, Row(session).Reason);
    }

    [Fact]
    public async Task A_stream_ends_with_its_node_also_where_that_the_node_is_lost_cannot_be_stored()
    {
        var session = await Stream();
        Cluster.Store.Fail(Node("n-1"), new IOException("The disk is full."));
        await Cluster.Advance(TimeSpan.FromSeconds(LeaseSeconds));
        await Cluster.Ended(Node("n-1"));

        Assert.Equal(DropReason.NodeLost, Row(session).Reason);
    }
}
