namespace SessionManager.Tests;

/// <summary>What is done through one front end holds at once in the other.</summary>
[Collection(SharedCluster.Name)]
public sealed class TwoFrontEndsTests(PlainCluster fixture) : ClusterTest(fixture)
{
    [ClusterFact]
    public async Task A_client_minted_on_one_front_end_is_connected_by_a_node_that_reports_to_the_other()
    {
        var (mine, nodes) = (Cluster.Apis[0], Cluster.Apis[1]);
        const string node = "/api/nodes/other-door";
        var register = new { region = "test-1", model = "test", capacity = 1, signaling_url = "ws://127.0.0.1:9/signaling" };
        await Wire.Get<object>(HttpMethod.Put, nodes, node, Cluster.Demo.NodeKey, register);
        var account = await Roster.Make(limit: 1);
        var minted = await Wire.Get<Minted>(HttpMethod.Post, mine, "/credentials", account.Key, new { region_latencies = new Dictionary<string, int> { ["test-1"] = 1, ["local"] = 500 } });
        Assert.Equal("ws://127.0.0.1:9/signaling", minted.SignalingUrl);

        var connect = new { session_token = minted.SessionToken, connection_id = "c1" };
        await Wire.Get<object>(HttpMethod.Post, nodes, $"{node}/sessions/{minted.SessionId}/connected", Cluster.Demo.NodeKey, connect);
        Assert.Equal("connected", (await Read(mine, account, minted.SessionId)).State);

        var disconnect = new { connection_id = "c1", reason = "clean" };
        await Wire.Get<object>(HttpMethod.Post, nodes, $"{node}/sessions/{minted.SessionId}/disconnected", Cluster.Demo.NodeKey, disconnect);
        var dropped = await Read(mine, account, minted.SessionId);
        Assert.Equal(("dropped", "client_disconnected"), (dropped.State, dropped.Reason));
    }

    [ClusterFact]
    public async Task The_engines_dashboard_is_an_administrators_and_shows_nobody_a_grains_state()
    {
        var (api, account) = (Cluster.Apis[1], await Roster.Make(limit: 1));
        Assert.Equal(401, (await Wire.Send(HttpMethod.Get, api, "/dashboard/ClusterStats", null)).Status);
        Assert.Equal(403, (await Wire.Send(HttpMethod.Get, api, "/dashboard/ClusterStats", account.Key)).Status);
        Assert.Equal(403, (await Wire.Send(HttpMethod.Get, api, "/dashboard/ClusterStats", account.Login)).Status);
        Assert.Equal(200, (await Wire.Send(HttpMethod.Get, api, "/dashboard/ClusterStats", await Roster.Admin)).Status);
        Assert.Equal(404, (await Wire.Send(HttpMethod.Get, api, "/dashboard/GrainState?grainId=nodes&grainType=nodes", await Roster.Admin)).Status);
    }

    static Task<Known> Read(Uri api, Account account, string sessionId) =>
        Wire.Get<Known>(HttpMethod.Get, api, $"/api/sessions/{sessionId}", account.Key);

    sealed record Minted(string SessionId, string SignalingUrl, string SessionToken);

    sealed record Known(string State, string? Reason);
}
