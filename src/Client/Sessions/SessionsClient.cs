namespace SessionManager.Client;

/// <summary>The account's sessions. To read: with the scope <c>sessions:read</c>; to drop: <c>sessions:write</c>; or with a login.</summary>
public sealed class SessionsClient
{
    readonly Connection _connection;

    internal SessionsClient(Connection connection) => _connection = connection;

    /// <summary>One session, with everything that has happened to it.</summary>
    /// <exception cref="SessionManagerApiException"><c>session_not_found</c>: there is none, it is another account's, or it was dropped long ago.</exception>
    public Task<Session> GetAsync(string sessionId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get(Path(sessionId)), ClientJson.Default.Session, cancellationToken);

    /// <summary>A page of the account's sessions, newest first unless <see cref="SessionListOptions.Sort"/> says otherwise.</summary>
    public Task<Page<Session>> ListPageAsync(SessionListOptions? options = null, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Get("api/sessions".WithQuery(options?.Query() ?? [])),
            ClientJson.Default.PageSession,
            cancellationToken);

    /// <summary>The account's sessions, page by page as they are read.</summary>
    /// <param name="options">Which; its cursor and limit are not looked at.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public IAsyncEnumerable<Session> ListAsync(SessionListOptions? options = null, CancellationToken cancellationToken = default) => Pages.AllAsync(
        (cursor, cancelled) => ListPageAsync((options ?? new()) with { Limit = Pages.LongestPage, Cursor = cursor }, cancelled),
        cancellationToken);

    /// <summary>Ends a session for good; a client that is connected is disconnected. Ending an ended one changes nothing.</summary>
    public Task<Session> DropAsync(string sessionId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Delete(Path(sessionId)), ClientJson.Default.Session, cancellationToken);

    static string Path(string sessionId) => $"api/sessions/{ApiPath.Segment(sessionId)}";
}
