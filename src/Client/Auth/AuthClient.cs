namespace SessionManager.Client;

/// <summary>Logging in, and a new server's first administrator. None of these needs a credential.</summary>
public sealed class AuthClient
{
    readonly Connection _connection;

    internal AuthClient(Connection connection) => _connection = connection;

    /// <summary>Exchanges a user's name and password for an access token that opens what the user may do.</summary>
    /// <exception cref="SessionManagerAuthenticationException">The name or the password is wrong.</exception>
    /// <exception cref="AccountSuspendedException">Both are right, and the account is suspended.</exception>
    /// <exception cref="SessionManagerApiException"><c>too_many_logins</c>: the next try has to wait for <see cref="SessionManagerException.RetryAfter"/>.</exception>
    public Task<AccessToken> LogInAsync(string username, string password, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Post("api/auth/login", new NameAndPassword(username, password), ClientJson.Default.NameAndPassword)
                with
            { IsAnonymous = true, IsImpatient = true },
            ClientJson.Default.AccessToken,
            cancellationToken);

    /// <summary>
    /// Exchanges an API key for a short-lived access token. It is still that key: it has the key's scopes and dies with the key.
    /// </summary>
    /// <exception cref="SessionManagerAuthenticationException">The key is unknown, revoked, expired, or its owner's keys are switched off.</exception>
    public Task<AccessToken> ExchangeKeyAsync(string apiKey, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Post("auth/token", new KeyToExchange(apiKey), ClientJson.Default.KeyToExchange) with { IsAnonymous = true, IsRepeatable = true },
            ClientJson.Default.AccessToken,
            cancellationToken);

    /// <summary>Whether the server is new and waits for its first administrator (<see cref="SetUpAsync"/>).</summary>
    public async Task<bool> NeedsSetupAsync(CancellationToken cancellationToken = default) =>
        (await _connection.SendAsync(ApiRequest.Get("api/setup") with { IsAnonymous = true }, ClientJson.Default.SetupState, cancellationToken)
            .ConfigureAwait(false)).Needed;

    /// <summary>Makes the first administrator of a new server.</summary>
    /// <exception cref="SessionManagerApiException"><c>setup_done</c>: there is an administrator already.</exception>
    public Task<User> SetUpAsync(string username, string password, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Post("api/setup", new NameAndPassword(username, password), ClientJson.Default.NameAndPassword) with { IsAnonymous = true },
            ClientJson.Default.User,
            cancellationToken);
}

/// <summary>A credential for a while.</summary>
/// <param name="Token">The credential itself.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Scope">The key's scopes, separated by spaces; <see langword="null"/> for a login, which is not scope-checked.</param>
public sealed record AccessToken(
    [property: System.Text.Json.Serialization.JsonPropertyName("access_token")] string Token, string TokenType, int ExpiresIn, string? Scope = null);

sealed record NameAndPassword(string Username, string Password);

sealed record KeyToExchange(string ApiKey);

sealed record SetupState(bool Needed);
