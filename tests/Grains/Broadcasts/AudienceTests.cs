using SessionManager.Broadcasts;
using SessionManager.Errors;

namespace SessionManager.Tests.Broadcasts;

public class AudienceTests
{
    static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Patience = IBroadcastGrain.Patience;

    readonly Audience audience = new(most: 2);

    [Fact]
    public void Who_joins_twice_is_counted_once_and_the_most_are_remembered()
    {
        foreach (var viewer in new[] { "a", "a", "b", "c" })
            Assert.Null(audience.Join(Viewer(viewer), Start));
        Assert.Equal(new ViewerCount(3, 3), audience.Count);
        Assert.True(audience.Leave("a"));
        Assert.False(audience.Leave("a"));
        Assert.Equal(new ViewerCount(2, 3), audience.Count);
    }

    [Fact]
    public void Those_of_one_token_are_limited_and_no_others()
    {
        Assert.Null(audience.Join(Viewer("a", limit: 1), Start));
        Assert.Null(audience.Join(Viewer("a", limit: 1), Start));
        Assert.Equal(ErrorCatalogue.ViewerLimit, audience.Join(Viewer("b", limit: 1), Start)!.Code);
        Assert.Null(audience.Join(Viewer("c", token: "other", limit: 1), Start));
        audience.Leave("a");
        Assert.Null(audience.Join(Viewer("b", limit: 1), Start));
    }

    [Fact]
    public void A_viewer_is_gone_at_the_instant_its_token_expires()
    {
        audience.Join(Viewer("a", seconds: 10), Start);
        audience.Join(Viewer("b", seconds: 20), Start);
        Assert.Equal(Start.AddSeconds(10), audience.NextExpiry);
        Assert.Empty(audience.TakeExpired(Start.AddSeconds(10).AddTicks(-1)));
        Assert.Equal(["a"], audience.TakeExpired(Start.AddSeconds(10)).AsEnumerable());
        Assert.Empty(audience.TakeExpired(Start.AddSeconds(10)));
        Assert.Equal(["b"], audience.Ids.AsEnumerable());
    }

    [Fact]
    public void Whom_its_node_leaves_out_for_20_seconds_is_gone_and_whom_only_the_node_knows_is_counted()
    {
        audience.Join(Viewer("a", seconds: 1000), Start);
        audience.Report(["b"], Start.AddSeconds(1));
        Assert.Equal(2, audience.Count.Now);
        audience.Report(["b"], Start + Patience - TimeSpan.FromTicks(1));
        Assert.True(audience.Has("a"));
        audience.Report(["b"], Start + Patience);
        Assert.Equal(["b"], audience.Ids.AsEnumerable());
        Assert.Null(audience.NextExpiry);
        audience.Report([], Start + 2 * Patience);
        Assert.Equal(0, audience.Count.Now);
    }

    static Viewer Viewer(string id, string token = "t", int seconds = 60, int? limit = null) => new(id, token, Start.AddSeconds(seconds), limit);
}
