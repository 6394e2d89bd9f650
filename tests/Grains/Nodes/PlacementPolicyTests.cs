using System.Collections.Immutable;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Tests.Nodes;

public sealed class PlacementPolicyTests
{
    [Fact]
    public void The_nearest_region_comes_first_and_an_unmeasured_one_last()
    {
        var ranked = Rank(
            [Node("far") with { Region = "us" }, Node("unknown") with { Region = "ap" }, Node("near") with { Region = "eu" }],
            latencies: new() { ["eu"] = 12, ["us"] = 90 });

        Assert.Equal(["near", "far", "unknown"], ranked);
    }

    [Fact]
    public void Of_equally_near_nodes_the_emptier_comes_first_then_the_less_loaded()
    {
        Assert.Equal(["idle", "half"], Rank([Node("half") with { Used = 5 }, Node("idle")]));
        Assert.Equal(["calm", "busy"], Rank([Node("busy") with { Load = 0.9 }, Node("calm") with { Load = 0.1 }]));
    }

    [Fact]
    public void Full_draining_and_lost_nodes_are_never_chosen() =>
        Assert.Empty(Rank([Node("full") with { Used = 10 }, Node("draining") with { Draining = true }, Node("lost") with { Live = false }]));

    [Fact]
    public void A_session_that_needs_image_to_video_goes_only_where_it_is_offered()
    {
        var able = Node("able") with { Capabilities = new Capabilities(ImageToVideo: true) };
        var unable = Node("unable") with { Capabilities = new Capabilities(ImageToVideo: false) };

        Assert.Equal(["able"], Rank([unable, able, Node("silent")], image: true));
        Assert.Equal(3, Rank([unable, able, Node("silent")]).Length);
    }

    [Fact]
    public void Equal_nodes_share_the_sessions_between_them()
    {
        var nodes = Enumerable.Range(0, 4).Select(number => Node($"node-{number}")).ToArray();

        var first = Enumerable.Range(0, 4_000)
            .GroupBy(number => PlacementPolicy.Rank(nodes, Placement(), $"ses_{number}").First().NodeId)
            .Select(group => group.Count());

        Assert.All(first, count => Assert.InRange(count, 700, 1_300));
    }

    static string[] Rank(Node[] nodes, Dictionary<string, double>? latencies = null, bool image = false) =>
        [.. PlacementPolicy.Rank(nodes, Placement(latencies, image), "ses_1").Select(node => node.NodeId)];

    static Placement Placement(Dictionary<string, double>? latencies = null, bool image = false) =>
        new(latencies?.ToImmutableDictionary() ?? ImmutableDictionary<string, double>.Empty, image);

    static Node Node(string nodeId) => new()
    {
        NodeId = nodeId,
        OwnerId = "usr_1",
        Region = "eu",
        Model = "m",
        Capacity = 10,
        Used = 0,
        Live = true,
    };
}
