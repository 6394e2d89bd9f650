namespace SessionManager.Client;

/// <summary>The account's broadcasts. To read: with the scope <c>broadcasts:read</c>; to end: <c>broadcasts:write</c>; or with a login.</summary>
public sealed class BroadcastsClient
{
    readonly Connection _connection;

    internal BroadcastsClient(Connection connection) => _connection = connection;

    /// <summary>A page of the account's broadcasts, newest first.</summary>
    public Task<Page<Broadcast>> ListPageAsync(BroadcastListOptions? options = null, CancellationToken cancellationToken = default) =>
        ListPageAsync("api/broadcasts", options, cancellationToken);

    /// <summary>A page of everyone's broadcasts, newest first. With an administrator's login.</summary>
    public Task<Page<Broadcast>> ListEveryonesPageAsync(BroadcastListOptions? options = null, CancellationToken cancellationToken = default) =>
        ListPageAsync("api/admin/broadcasts", options, cancellationToken);

    /// <summary>One broadcast.</summary>
    /// <exception cref="SessionManagerApiException"><c>broadcast_not_found</c></exception>
    public Task<Broadcast> GetAsync(string broadcastId, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Get($"api/broadcasts/{ApiPath.Segment(broadcastId)}"), ClientJson.Default.Broadcast, cancellationToken);

    /// <summary>Ends a broadcast for all its viewers; its session goes on. Ending an ended one changes nothing.</summary>
    /// <exception cref="SessionManagerApiException"><c>broadcast_not_found</c></exception>
    public Task<Broadcast> EndAsync(string broadcastId, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Delete($"api/broadcasts/{ApiPath.Segment(broadcastId)}"), ClientJson.Default.Broadcast, cancellationToken);

    /// <summary>Ends anyone's broadcast. With an administrator's login.</summary>
    /// <exception cref="SessionManagerApiException"><c>broadcast_not_found</c></exception>
    public Task<Broadcast> EndAnyonesAsync(string broadcastId, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Delete($"api/admin/broadcasts/{ApiPath.Segment(broadcastId)}"), ClientJson.Default.Broadcast, cancellationToken);

    /// <summary>Makes a token that watches the broadcast and can do nothing else, and the link of a page that shows it.</summary>
    /// <param name="broadcastId">A live broadcast of the account.</param>
    /// <param name="options">How long it lives and how many it lets in; <see langword="null"/>: an hour, any number.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SessionManagerApiException"><c>broadcast_not_found</c>, <c>broadcast_ended</c></exception>
    public Task<SpectatorToken> CreateTokenAsync(
        string broadcastId, SpectatorTokenOptions? options = null, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Post($"api/broadcasts/{ApiPath.Segment(broadcastId)}/tokens", options ?? new(), ClientJson.Default.SpectatorTokenOptions),
        ClientJson.Default.SpectatorToken,
        cancellationToken);

    Task<Page<Broadcast>> ListPageAsync(string path, BroadcastListOptions? options, CancellationToken cancellationToken) => _connection.SendAsync(
        ApiRequest.Get(path.WithQuery(("state", options?.State), ("limit", options?.Limit), ("cursor", options?.Cursor))),
        ClientJson.Default.PageBroadcast,
        cancellationToken);
}
