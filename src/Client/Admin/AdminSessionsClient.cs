namespace SessionManager.Client;

/// <summary>Everyone's sessions.</summary>
public sealed class AdminSessionsClient
{
    readonly Connection connection;

    internal AdminSessionsClient(Connection connection) => this.connection = connection;

    /// <summary>A page of everyone's sessions, newest first.</summary>
    public Task<Page<Session>> ListPageAsync(AdminSessionListOptions? options = null, CancellationToken cancellationToken = default) =>
        connection.SendAsync(
            ApiRequest.Get("api/admin/sessions".WithQuery(
                ("account_id", options?.AccountId), ("state", options?.State), ("limit", options?.Limit), ("cursor", options?.Cursor))),
            ClientJson.Default.PageSession,
            cancellationToken);

    /// <summary>Ends anyone's session for good. Ending an ended one changes nothing.</summary>
    /// <exception cref="SessionManagerApiException"><c>session_not_found</c></exception>
    public Task<Session> DropAsync(string sessionId, CancellationToken cancellationToken = default) =>
        connection.SendAsync(ApiRequest.Delete($"api/admin/sessions/{ApiPath.Segment(sessionId)}"), ClientJson.Default.Session, cancellationToken);
}

/// <summary>Which sessions are listed.</summary>
public sealed class AdminSessionListOptions : SessionListOptions
{
    /// <summary>Only this account's; <see langword="null"/>: everyone's.</summary>
    public string? AccountId { get; init; }
}
