using SessionManager.Nodes;

namespace SessionManager.Tests.Nodes;

public sealed class NodeMachineTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Until = Now.AddSeconds(600);

    [Fact]
    public void Gives_its_places_and_not_one_more()
    {
        var record = Reserve(Reserve(Registered(2), "s-1")!, "s-2")!;

        Assert.Null(Reserve(record, "s-3"));
        Assert.Equal(2, NodeMachine.Used(record, Now));
    }

    [Fact]
    public void A_place_lapses_at_its_instant_and_is_given_again()
    {
        var record = Reserve(Registered(1), "s-1")!;

        Assert.Null(NodeMachine.Reserve(record, "s-2", Until.AddSeconds(600), Until.AddMilliseconds(-1)));
        var next = NodeMachine.Reserve(record, "s-2", Until.AddSeconds(600), Until)!;
        Assert.Equal(["s-2"], next.Places.Keys);
    }

    [Fact]
    public void A_held_place_does_not_lapse()
    {
        var record = NodeMachine.Hold(Reserve(Registered(1), "s-1")!, "s-1", Now)!;

        Assert.Equal(1, NodeMachine.Used(record, Now.AddDays(30)));
        Assert.Null(NodeMachine.Reserve(record, "s-2", Now.AddDays(31), Now.AddDays(30)));
    }

    [Fact]
    public void Repeated_commands_have_one_effect()
    {
        var reserved = Reserve(Registered(1), "s-1")!;
        var held = NodeMachine.Hold(reserved, "s-1", Now)!;

        Assert.Equal(Assert.Single(reserved.Places).Value.Until, Assert.Single(Reserve(reserved, "s-1")!.Places).Value.Until);
        Assert.Same(held, NodeMachine.Hold(held, "s-1", Now));
        Assert.Null(Assert.Single(Reserve(held, "s-1")!.Places).Value.Until);
        Assert.Empty(NodeMachine.Release(NodeMachine.Release(held, "s-1"), "s-1").Places);
    }

    [Fact]
    public void A_place_asked_for_again_is_another_to_who_was_about_to_give_it_up()
    {
        var reserved = Reserve(Registered(1), "s-1")!;
        var lost = reserved with { Lost = true };

        Assert.NotSame(reserved.Places["s-1"], Reserve(reserved, "s-1")!.Places["s-1"]);
        Assert.NotSame(lost.Places["s-1"], NodeMachine.Back(lost).Places["s-1"]);
    }

    [Fact]
    public void A_draining_or_lost_node_takes_nothing_new_and_keeps_what_it_has()
    {
        var record = Reserve(Registered(5), "s-1")!;

        foreach (var closed in new[] { record with { Draining = true }, record with { Lost = true } })
        {
            Assert.Null(Reserve(closed, "s-2"));
            Assert.NotNull(NodeMachine.Hold(closed, "s-1", Now));
        }
    }

    [Fact]
    public void A_node_that_shrinks_below_what_it_has_takes_nothing_new_until_it_fits()
    {
        var record = Reserve(Reserve(Registered(2), "s-1")!, "s-2")!;
        var shrunk = NodeMachine.Register(record, "usr_1", Registration(1));

        Assert.Null(Reserve(NodeMachine.Release(shrunk, "s-1"), "s-3"));
        Assert.NotNull(Reserve(NodeMachine.Release(NodeMachine.Release(shrunk, "s-1"), "s-2"), "s-3"));
    }

    [Fact]
    public void A_place_that_no_session_claims_is_given_back_once_its_mint_must_be_over()
    {
        var record = Reserve(Registered(1), "s-1")!;

        Assert.Empty(NodeMachine.Unverified(record, Now.AddSeconds(9)));
        Assert.Equal("s-1", Assert.Single(NodeMachine.Unverified(record, Now.AddSeconds(10))));
        Assert.Empty(NodeMachine.Verify(record, "s-1", occupied: false).Places);
        Assert.Empty(NodeMachine.Unverified(NodeMachine.Verify(record, "s-1", occupied: true), Now.AddSeconds(10)));
    }

    [Fact]
    public void Registering_again_ends_a_drain_and_keeps_the_places()
    {
        var record = Reserve(Registered(3), "s-1")! with { Draining = true, Lost = true };

        var again = NodeMachine.Register(record, "usr_1", Registration(3));

        Assert.True(NodeMachine.TakesNew(again));
        Assert.Equal(["s-1"], again.Places.Keys);
    }

    [Fact]
    public void A_lost_node_that_is_back_has_every_place_asked_again()
    {
        var record = NodeMachine.Hold(Reserve(Registered(3), "s-1")!, "s-1", Now)!;

        Assert.Equal("s-1", Assert.Single(NodeMachine.Unverified(NodeMachine.Back(record with { Lost = true }), Now.AddSeconds(10))));
        Assert.Single(NodeMachine.Unverified(NodeMachine.Register(record with { Lost = true }, "usr_1", Registration(3)), Now.AddSeconds(10)));
        Assert.Same(record, NodeMachine.Back(record));
    }

    [Fact]
    public void The_next_lapse_is_the_earliest_place_that_ends_by_itself()
    {
        var record = NodeMachine.Reserve(Registered(3), "s-1", Until, Now)!;
        record = NodeMachine.Reserve(record, "s-2", Until.AddSeconds(-60), Now)!;
        record = NodeMachine.Hold(record, "s-2", Now)!;

        Assert.Equal(Until, NodeMachine.NextLapse(record, Now));
        Assert.Null(NodeMachine.NextLapse(Registered(1), Now));
    }

    static NodeRecord? Reserve(NodeRecord record, string sessionId) => NodeMachine.Reserve(record, sessionId, Until, Now);

    static NodeRecord Registered(int capacity) => NodeMachine.Register(new NodeRecord(), "usr_1", Registration(capacity));

    static NodeRegistration Registration(int capacity) => new() { Region = "eu", Model = "m", Capacity = capacity };
}
