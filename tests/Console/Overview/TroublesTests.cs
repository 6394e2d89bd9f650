using SessionManager.Client;
using SessionManager.Console.Overview;

namespace SessionManager.Tests.Overview;

public class TroublesTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    static SessionManager.Client.Overview Overview(NodeCounts nodes, Taken? places = null, int waiting = 0, int minted = 0, int refused = 0) => new(
        Now, new(0, 0), new(0, 10), places ?? new(0, 10), nodes, waiting, Now.AddHours(-2),
        [.. Enumerable.Range(0, 61).Select(index => new OverviewMinute(Now.AddMinutes(index - 60), index == 59 ? minted : 0, 0, 0, index == 59 ? refused : 0))],
        [], refused > 0 ? [new RefusedCount("no_streamer_available", refused)] : []);

    [Fact]
    public void Where_all_is_well_nothing_is_said() => Assert.Empty(Troubles.Of(Overview(new(2, 0, 0, 0), minted: 20)));

    [Fact]
    public void A_lost_node_stands_before_a_queue()
    {
        var troubles = Troubles.Of(Overview(new(1, 0, 1, 0), waiting: 3)).ToList();
        Assert.Equal([true, false], troubles.Select(trouble => trouble.IsBad));
        Assert.Equal("nodes?state=lost", troubles[0].Href);
        Assert.Contains("3 mints wait", troubles[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_node_and_no_room_are_told_apart()
    {
        Assert.Contains("No node is registered", Troubles.Of(Overview(new(0, 0, 0, 0))).Single().Text, StringComparison.Ordinal);
        Assert.Contains("Every node is lost", Troubles.Of(Overview(new(0, 0, 2, 0))).Single().Text, StringComparison.Ordinal);
        Assert.Contains("no room", Troubles.Of(Overview(new(1, 0, 0, 1), new(10, 10))).Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 2, false)]
    [InlineData(1, 9, true)]
    public void Refused_mints_are_bad_where_they_are_the_most(int minted, int refused, bool bad)
    {
        var trouble = Assert.Single(Troubles.Of(Overview(new(1, 0, 0, 0), minted: minted, refused: refused)));
        Assert.Equal(bad, trouble.IsBad);
        Assert.Contains($"{refused} of {minted + refused} mints were refused", trouble.Text, StringComparison.Ordinal);
        Assert.Contains("no_streamer_available", trouble.Text, StringComparison.Ordinal);
    }
}
