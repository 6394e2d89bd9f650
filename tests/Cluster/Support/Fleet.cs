namespace SessionManager.Tests;

/// <summary>
/// Streaming nodes that keep their leases and stream nothing. Many, as callers have them: a node writes all its places with
/// each commit.
/// </summary>
sealed class Fleet : IAsyncDisposable
{
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    readonly LocalCluster _cluster;
    readonly CancellationTokenSource _stop = new();
    readonly Task _beating;

    Fleet(LocalCluster cluster, string[] nodes)
    {
        _cluster = cluster;
        _beating = Task.WhenAll(nodes.Select(KeepLease));
    }

    public static async Task<Fleet> Register(LocalCluster cluster, int nodes, int capacity)
    {
        var ids = Enumerable.Range(1, nodes).Select(number => $"node-{number}").ToArray();
        foreach (var id in ids)
        {
            await Wire.Get<object>(HttpMethod.Put, cluster.Apis[0], $"/api/nodes/{id}", cluster.Demo.NodeKey,
                new { region = "fleet", model = "test", capacity, signaling_url = "ws://127.0.0.1:9/signaling" });
        }

        return new(cluster, ids);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _stop.Dispose();
    }

    /// <summary>One beat that gets no answer is made up for by the next: a lease is three of them long.</summary>
    async Task KeepLease(string node)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(Beat, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await Wire.Send(HttpMethod.Post, _cluster.Apis[0], $"/api/nodes/{node}/heartbeat", _cluster.Demo.NodeKey, new { sessions = Array.Empty<string>() });
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
            }
        }
    }
}
