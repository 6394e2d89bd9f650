namespace SessionManager.Client;

/// <summary>The user's API keys. With a login: no key manages keys.</summary>
public sealed class KeysClient
{
    readonly Connection _connection;

    internal KeysClient(Connection connection) => _connection = connection;

    /// <summary>The user's keys, oldest first. None of them can be shown again.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken = default) =>
        (await _connection.SendAsync(ApiRequest.Get("api/users/me/keys"), ClientJson.Default.PageApiKey, cancellationToken).ConfigureAwait(false)).Data;

    /// <summary>Makes a key. The answer is the only place where it is ever shown.</summary>
    /// <exception cref="SessionManagerApiException"><c>too_many_keys</c>, or <c>invalid_value</c> with what is wrong.</exception>
    /// <exception cref="SessionManagerAuthenticationException">The user's keys are switched off, or the user may not give a scope.</exception>
    public Task<NewApiKey> CreateAsync(CreateKeyOptions options, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Post("api/users/me/keys", options, ClientJson.Default.CreateKeyOptions), ClientJson.Default.NewApiKey, cancellationToken);

    /// <summary>Replaces a key by a new one of the same name, scopes, networks and end. The answer is the only place where it is ever shown.</summary>
    /// <param name="keyId">The key to be replaced.</param>
    /// <param name="grace">How long the old key goes on, whole seconds up to 30 days; <see langword="null"/>: not at all.</param>
    /// <param name="cancellationToken">Stops waiting; the key may have been replaced.</param>
    /// <exception cref="SessionManagerApiException">
    /// <c>key_rotated</c>: it has a successor already, which the message names; where that was lost with its answer, revoke it and rotate
    /// again. <c>key_ended</c>: create a new one.
    /// </exception>
    public Task<NewApiKey> RotateAsync(string keyId, TimeSpan? grace = null, CancellationToken cancellationToken = default) => _connection.SendAsync(
        ApiRequest.Post($"{Path(keyId)}/rotate", new KeyRotation((int?)grace?.TotalSeconds), ClientJson.Default.KeyRotation),
        ClientJson.Default.NewApiKey,
        cancellationToken);

    /// <summary>Revokes a key, for good and at once. Sessions that it minted and nobody has connected to are dropped with it.</summary>
    /// <param name="keyId">The key.</param>
    /// <param name="dropSessions">Whether those that are connected are dropped as well.</param>
    /// <param name="cancellationToken">Stops waiting; the key may have been revoked.</param>
    public Task RevokeAsync(string keyId, bool dropSessions = false, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Delete(Path(keyId).WithQuery(("drop_sessions", dropSessions ? true : null))), cancellationToken);

    static string Path(string keyId) => $"api/users/me/keys/{ApiPath.Segment(keyId)}";
}
