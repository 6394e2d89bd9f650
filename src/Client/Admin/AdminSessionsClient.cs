namespace SessionManager.Client;

/// <summary>Everyone's sessions.</summary>
public sealed class AdminSessionsClient
{
    readonly Connection _connection;

    internal AdminSessionsClient(Connection connection) => _connection = connection;

    /// <summary>A page of everyone's sessions, newest first unless <see cref="SessionListOptions.Sort"/> says otherwise.</summary>
    public Task<Page<Session>> ListPageAsync(AdminSessionListOptions? options = null, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Get("api/admin/sessions".WithQuery(
                options is null ? [] : [("account_id", options.AccountId), ("username", options.Username), .. options.Query()])),
            ClientJson.Default.PageSession,
            cancellationToken);

    /// <summary>Everyone's sessions, page by page as they are read.</summary>
    /// <param name="options">Which; its cursor and limit are not looked at.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public IAsyncEnumerable<Session> ListAsync(AdminSessionListOptions? options = null, CancellationToken cancellationToken = default) =>
        Pages.AllAsync(
            (cursor, cancelled) => ListPageAsync((options ?? new()) with { Limit = Pages.LongestPage, Cursor = cursor }, cancelled),
            cancellationToken);

    /// <summary>Anyone's session, with everything that has happened to it.</summary>
    /// <exception cref="SessionManagerApiException"><c>session_not_found</c>: there is none, or it was dropped long ago.</exception>
    public Task<Session> GetAsync(string sessionId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get($"api/admin/sessions/{ApiPath.Segment(sessionId)}"), ClientJson.Default.Session, cancellationToken);

    /// <summary>Ends anyone's session for good. Ending an ended one changes nothing.</summary>
    /// <exception cref="SessionManagerApiException"><c>session_not_found</c></exception>
    public Task<Session> DropAsync(string sessionId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Delete($"api/admin/sessions/{ApiPath.Segment(sessionId)}"), ClientJson.Default.Session, cancellationToken);
}

/// <summary>Which sessions are listed.</summary>
public sealed record AdminSessionListOptions : SessionListOptions
{
    /// <summary>Only this account's; <see langword="null"/>: everyone's.</summary>
    public string? AccountId { get; init; }

    /// <summary>Only those of the user of this name.</summary>
    public string? Username { get; init; }
}
