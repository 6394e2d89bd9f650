namespace SessionManager.Client;

/// <summary>The user behind the credential. For all others: <see cref="AdminClient.Users"/>.</summary>
public sealed class UsersClient
{
    readonly Connection _connection;

    internal UsersClient(Connection connection) => _connection = connection;

    /// <summary>The user behind the credential: a login, or a key with the scope <c>profile:read</c>.</summary>
    public Task<User> GetMeAsync(CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get("api/users/me"), ClientJson.Default.User, cancellationToken);

    /// <summary>Changes the user's password and ends every other login. With a login.</summary>
    /// <exception cref="SessionManagerAuthenticationException"><c>wrong_password</c>: <paramref name="password"/> is not the present one.</exception>
    /// <exception cref="SessionManagerApiException"><c>too_many_logins</c>, or <c>invalid_value</c> with what is wrong.</exception>
    public Task ChangePasswordAsync(string password, string newPassword, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Post("api/users/me/password", new PasswordChange(password, newPassword), ClientJson.Default.PasswordChange)
            with
        { IsImpatient = true, IsRepeatable = true },
        cancellationToken);
}

sealed record PasswordChange(string Password, string NewPassword);
