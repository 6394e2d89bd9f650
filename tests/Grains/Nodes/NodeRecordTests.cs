using SessionManager.Errors;
using SessionManager.Nodes;

namespace SessionManager.Tests.Nodes;

public sealed class NodeRecordTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_drain_outlives_everything_but_its_lifting_and_the_nodes_deletion()
    {
        var draining = Registered with { Draining = true };

        Assert.False(draining.TakesNew);
        Assert.False(draining.Register("usr_1", Registration).TakesNew);
        Assert.False(draining.Lose(Now).HeardOf().TakesNew);
        Assert.True((draining with { Draining = false }).TakesNew);
        Assert.True(NodeRecord.Deleted.Register("usr_1", Registration).TakesNew);
    }

    [Fact]
    public void A_lost_node_takes_nothing_new_until_it_is_heard_of()
    {
        var lost = Registered.Lose(Now);

        Assert.False(lost.TakesNew);
        Assert.True(lost.HeardOf().TakesNew);
        Assert.True(lost.Register("usr_1", Registration).TakesNew);
        Assert.Same(Registered.GetType(), Registered.HeardOf().GetType());
    }

    [Fact]
    public void A_node_is_spoken_for_by_its_owner_and_by_administrators()
    {
        Assert.Null(Registered.WhyNotBy("usr_1"));
        Assert.Null(Registered.WhyNotBy(null));
        Assert.Equal(ErrorCatalogue.NodeOwned, Registered.WhyNotBy("usr_2")!.Code);
        Assert.Equal(ErrorCatalogue.NodeNotFound, NodeRecord.Deleted.WhyNotBy("usr_1")!.Code);
    }

    [Fact]
    public void A_node_is_forgotten_when_it_has_been_lost_for_so_long()
    {
        var day = TimeSpan.FromDays(1);
        var lost = Registered.Lose(Now);

        Assert.False(lost.IsToBeForgotten(Now.AddDays(1).AddTicks(-1), day));
        Assert.True(lost.IsToBeForgotten(Now.AddDays(1), day));
        Assert.False(lost.HeardOf().IsToBeForgotten(Now.AddDays(2), day));
        Assert.False(NodeRecord.Deleted.Lose(Now).IsToBeForgotten(Now.AddDays(2), day));
    }

    static NodeRegistration Registration => new() { Region = "eu", Model = "m", Capacity = 1 };

    static NodeRecord Registered => new NodeRecord().Register("usr_1", Registration);
}
