namespace SessionManager.Client;

/// <summary>
/// Streaming nodes. To look at: with the scope <c>nodes:read</c> or a login. To drain and delete: with an administrator's login, or a key
/// of the node's owner with <c>nodes:report</c>. To report: with such a key. Every report can be repeated safely, and is where no
/// answer comes back.
/// </summary>
public sealed class NodesClient
{
    readonly Connection _connection;

    internal NodesClient(Connection connection) => _connection = connection;

    /// <summary>A page of nodes, by id.</summary>
    public Task<Page<Node>> ListPageAsync(NodeListOptions? options = null, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Get("api/nodes".WithQuery(
                ("state", options?.State), ("region", options?.Region), ("limit", options?.Limit), ("cursor", options?.Cursor))),
            ClientJson.Default.PageNode,
            cancellationToken);

    /// <summary>Nodes, by id, page by page as they are read.</summary>
    /// <param name="options">Which; its cursor and limit are not looked at.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public IAsyncEnumerable<Node> ListAsync(NodeListOptions? options = null, CancellationToken cancellationToken = default) => Pages.AllAsync(
        (cursor, cancelled) => ListPageAsync((options ?? new()) with { Limit = Pages.LongestPage, Cursor = cursor }, cancelled),
        cancellationToken);

    /// <summary>One node.</summary>
    /// <exception cref="SessionManagerApiException"><c>node_not_found</c></exception>
    public Task<Node> GetAsync(string nodeId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get(Path(nodeId)), ClientJson.Default.Node, cancellationToken);

    /// <summary>No new sessions for the node; those it has go on. It lasts until it is undrained or deleted.</summary>
    public Task DrainAsync(string nodeId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Post($"{Path(nodeId)}/drain") with { IsRepeatable = true }, cancellationToken);

    /// <summary>The node takes new sessions again.</summary>
    public Task UndrainAsync(string nodeId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Delete($"{Path(nodeId)}/drain"), cancellationToken);

    /// <summary>The node is gone, its sessions drop, and its id is free.</summary>
    public Task DeleteAsync(string nodeId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Delete(Path(nodeId)), cancellationToken);

    /// <summary>Registers the node, or changes what it said before. Returns how long its lease lasts without a heartbeat.</summary>
    /// <exception cref="SessionManagerAuthenticationException"><c>node_owned</c>: the id is another account's node's.</exception>
    public async Task<TimeSpan> RegisterAsync(string nodeId, NodeRegistration registration, CancellationToken cancellationToken = default)
    {
        var lease = await _connection.SendAsync(
            ApiRequest.Put(Path(nodeId), registration, ClientJson.Default.NodeRegistration), ClientJson.Default.Lease, cancellationToken).ConfigureAwait(false);
        return TimeSpan.FromSeconds(lease.LeaseSeconds);
    }

    /// <summary>Renews the node's lease and compares the sessions it streams with those it should.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="sessionIds">All that it streams now.</param>
    /// <param name="load">How busy it is, 0 to 1; <see langword="null"/>: as it said before.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<HeartbeatAnswer> HeartbeatAsync(
        string nodeId, IReadOnlyCollection<string> sessionIds, double? load = null, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Post($"{Path(nodeId)}/heartbeat", new Heartbeat(sessionIds, load), ClientJson.Default.Heartbeat) with { IsRepeatable = true },
            ClientJson.Default.HeartbeatAnswer,
            cancellationToken);

    /// <summary>A client has connected with its session token.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="sessionId">The client's session.</param>
    /// <param name="sessionToken">What the client showed.</param>
    /// <param name="connectionId">The node's own name for the connection, at most 128 characters; the same one twice is one connect.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SessionManagerAuthenticationException">The token is not this session's.</exception>
    /// <exception cref="SessionManagerApiException">
    /// <c>already_connected</c>, <c>connection_ended</c>, <c>session_expired</c>, <c>session_dropped</c>: the client is to be refused.
    /// </exception>
    public Task<Session> ReportConnectedAsync(
        string nodeId, string sessionId, string sessionToken, string connectionId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Post(Path(nodeId, sessionId, "connected"), new ConnectReport(sessionToken, connectionId), ClientJson.Default.ConnectReport)
                with
            { IsRepeatable = true },
            ClientJson.Default.Session,
            cancellationToken);

    /// <summary>A client's connection has ended.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="sessionId">The client's session.</param>
    /// <param name="connectionId">As it was reported when it connected; any other changes nothing.</param>
    /// <param name="clean">Whether the client left; otherwise it went silent and may come back while its token lives.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<Session> ReportDisconnectedAsync(
        string nodeId, string sessionId, string connectionId, bool clean, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Post(
                Path(nodeId, sessionId, "disconnected"),
                new DisconnectReport(connectionId, clean ? "clean" : "lost"),
                ClientJson.Default.DisconnectReport) with
            { IsRepeatable = true },
            ClientJson.Default.Session,
            cancellationToken);

    /// <summary>Lets others watch a session that is connected on the node. While that lives a repeat answers with the same one, and another token.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="hlsUrl">Where the node serves it as HLS; <see langword="null"/>: nowhere.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SessionManagerApiException"><c>session_not_connected</c>, <c>session_dropped</c></exception>
    public Task<BroadcastStarted> StartBroadcastAsync(
        string nodeId, string sessionId, string? hlsUrl = null, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Post(Path(nodeId, sessionId, "broadcast"), new BroadcastRequest(hlsUrl), ClientJson.Default.BroadcastRequest) with { IsRepeatable = true },
        ClientJson.Default.BroadcastStarted,
        cancellationToken);

    static string Path(string nodeId) => $"api/nodes/{ApiPath.Segment(nodeId)}";

    static string Path(string nodeId, string sessionId, string report) => $"{Path(nodeId)}/sessions/{ApiPath.Segment(sessionId)}/{report}";
}
