namespace SessionManager.Client;

/// <summary>Every user, their limits and their keys.</summary>
public sealed class AdminUsersClient
{
    readonly Connection _connection;

    internal AdminUsersClient(Connection connection) => _connection = connection;

    /// <summary>A page of users, by name.</summary>
    public Task<Page<User>> ListPageAsync(UserListOptions? options = null, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Get("api/admin/users".WithQuery(("search", options?.Search), ("limit", options?.Limit), ("cursor", options?.Cursor))),
            ClientJson.Default.PageUser,
            cancellationToken);

    /// <summary>Users, by name, page by page as they are read.</summary>
    /// <param name="options">Which; its cursor and limit are not looked at.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public IAsyncEnumerable<User> ListAsync(UserListOptions? options = null, CancellationToken cancellationToken = default) => Pages.AllAsync(
        (cursor, cancelled) => ListPageAsync((options ?? new()) with { Limit = Pages.LongestPage, Cursor = cursor }, cancelled),
        cancellationToken);

    /// <summary>One user.</summary>
    /// <exception cref="SessionManagerApiException"><c>user_not_found</c></exception>
    public Task<User> GetAsync(string userId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get(Path(userId)), ClientJson.Default.User, cancellationToken);

    /// <summary>Makes a user. They start without API keys.</summary>
    /// <exception cref="SessionManagerApiException"><c>username_taken</c>, or <c>invalid_value</c> with what is wrong.</exception>
    public Task<User> CreateAsync(string username, string password, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Post("api/admin/users", new NameAndPassword(username, password), ClientJson.Default.NameAndPassword),
        ClientJson.Default.User,
        cancellationToken);

    /// <summary>Changes a user's permissions, limits or password. It holds everywhere, from their next request on.</summary>
    /// <exception cref="SessionManagerApiException"><c>last_administrator</c>, <c>user_not_found</c>, or <c>invalid_value</c> with what is wrong.</exception>
    public Task<User> UpdateAsync(string userId, UpdateUserOptions options, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Patch(Path(userId), options, ClientJson.Default.UpdateUserOptions) with { IsRepeatable = true },
        ClientJson.Default.User,
        cancellationToken);

    /// <summary>What a user's account has used this month.</summary>
    /// <exception cref="SessionManagerApiException"><c>user_not_found</c></exception>
    public Task<Usage> GetUsageAsync(string userId, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get($"{Path(userId)}/usage"), ClientJson.Default.Usage, cancellationToken);

    /// <summary>A user's keys, oldest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListKeysAsync(string userId, CancellationToken cancellationToken = default) =>
        (await _connection.SendAsync(ApiRequest.Get($"{Path(userId)}/keys"), ClientJson.Default.PageApiKey, cancellationToken).ConfigureAwait(false)).Data;

    /// <summary>Revokes anyone's key, for good and at once.</summary>
    /// <param name="userId">Whose key it is.</param>
    /// <param name="keyId">The key.</param>
    /// <param name="dropSessions">Whether the connected sessions that it minted are dropped as well.</param>
    /// <param name="cancellationToken">Stops waiting; the key may have been revoked.</param>
    public Task RevokeKeyAsync(string userId, string keyId, bool dropSessions = false, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Delete($"{Path(userId)}/keys/{ApiPath.Segment(keyId)}".WithQuery(("drop_sessions", dropSessions ? true : null))),
            cancellationToken);

    static string Path(string userId) => $"api/admin/users/{ApiPath.Segment(userId)}";
}

/// <summary>Which users are listed.</summary>
public sealed record UserListOptions : PageOptions
{
    /// <summary>Only those whose name has this in it.</summary>
    public string? Search { get; init; }
}
