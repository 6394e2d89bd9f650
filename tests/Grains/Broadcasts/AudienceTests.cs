using SessionManager.Broadcasts;
using SessionManager.Errors;

namespace SessionManager.Tests.Broadcasts;

public class AudienceTests
{
    static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Patience = IBroadcastGrain.Patience;

    readonly Audience _audience = new(most: 2);

    [Fact]
    public void Who_joins_twice_is_counted_once_and_the_most_are_remembered()
    {
        foreach (var viewer in new[] { "a", "a", "b", "c" })
            Assert.Null(_audience.Join(Viewer(viewer), Start));
        Assert.Equal(new ViewerCount(3, 3), _audience.Count);
        Assert.True(_audience.Leave("a"));
        Assert.False(_audience.Leave("a"));
        Assert.Equal(new ViewerCount(2, 3), _audience.Count);
    }

    [Fact]
    public void Viewers_with_one_token_are_limited_and_no_others()
    {
        Assert.Null(_audience.Join(Viewer("a", limit: 1), Start));
        Assert.Null(_audience.Join(Viewer("a", limit: 1), Start));
        Assert.Equal(ErrorCatalogue.ViewerLimit, _audience.Join(Viewer("b", limit: 1), Start)!.Code);
        Assert.Null(_audience.Join(Viewer("c", token: "other", limit: 1), Start));
        _audience.Leave("a");
        Assert.Null(_audience.Join(Viewer("b", limit: 1), Start));
    }

    [Fact]
    public void A_viewer_is_gone_at_the_instant_its_token_expires()
    {
        _audience.Join(Viewer("a", seconds: 10), Start);
        _audience.Join(Viewer("b", seconds: 20), Start);
        Assert.Equal(Start.AddSeconds(10), _audience.NextExpiry);
        Assert.Empty(_audience.TakeExpired(Start.AddSeconds(10).AddTicks(-1)));
        Assert.Equal(["a"], _audience.TakeExpired(Start.AddSeconds(10)).AsEnumerable());
        Assert.Empty(_audience.TakeExpired(Start.AddSeconds(10)));
        Assert.Equal(["b"], _audience.Ids.AsEnumerable());
    }

    [Fact]
    public void Whom_its_node_leaves_out_for_20_seconds_is_gone_and_whom_only_the_node_knows_is_counted()
    {
        _audience.Join(Viewer("a", seconds: 1000), Start);
        _audience.Report(["b"], Start.AddSeconds(1));
        Assert.Equal(2, _audience.Count.Now);
        _audience.Report(["b"], Start + Patience - TimeSpan.FromTicks(1));
        Assert.True(_audience.Has("a"));
        _audience.Report(["b"], Start + Patience);
        Assert.Equal(["b"], _audience.Ids.AsEnumerable());
        Assert.Null(_audience.NextExpiry);
        _audience.Report([], Start + 2 * Patience);
        Assert.Equal(0, _audience.Count.Now);
    }

    static Viewer Viewer(string id, string token = "t", int seconds = 60, int? limit = null) => new(id, token, Start.AddSeconds(seconds), limit);
}
