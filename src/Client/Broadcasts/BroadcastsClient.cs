namespace SessionManager.Client;

/// <summary>The account's broadcasts. To read: with the scope <c>broadcasts:read</c>; to end: <c>broadcasts:write</c>; or with a login.</summary>
public sealed class BroadcastsClient
{
    readonly Connection connection;

    internal BroadcastsClient(Connection connection) => this.connection = connection;

    /// <summary>A page of the account's broadcasts, newest first.</summary>
    public Task<Page<Broadcast>> ListPageAsync(BroadcastListOptions? options = null, CancellationToken cancellationToken = default) =>
        ListPageAsync("api/broadcasts", options, cancellationToken);

    /// <summary>A page of everyone's broadcasts, newest first. With an administrator's login.</summary>
    public Task<Page<Broadcast>> ListEveryonesPageAsync(BroadcastListOptions? options = null, CancellationToken cancellationToken = default) =>
        ListPageAsync("api/admin/broadcasts", options, cancellationToken);

    /// <summary>Ends a broadcast for all its viewers; its session goes on. Ending an ended one changes nothing.</summary>
    /// <exception cref="SessionManagerApiException"><c>broadcast_not_found</c></exception>
    public Task<Broadcast> EndAsync(string broadcastId, CancellationToken cancellationToken = default) => connection.SendAsync(
        ApiRequest.Delete($"api/broadcasts/{ApiPath.Segment(broadcastId)}"), ClientJson.Default.Broadcast, cancellationToken);

    Task<Page<Broadcast>> ListPageAsync(string path, BroadcastListOptions? options, CancellationToken cancellationToken) => connection.SendAsync(
        ApiRequest.Get(path.WithQuery(("state", options?.State), ("limit", options?.Limit), ("cursor", options?.Cursor))),
        ClientJson.Default.PageBroadcast,
        cancellationToken);
}
