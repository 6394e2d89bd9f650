namespace SessionManager.Client;

/// <summary>How a <see cref="SessionManagerClient"/> reaches its server and with what credential.</summary>
public sealed class SessionManagerClientOptions
{
    /// <summary>
    /// The server's address, such as <c>https://sessions.example.com</c>. <see langword="null"/>: the base address of the
    /// <see cref="HttpClient"/> the client is given.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>An API key, an access token got for one, or a login's access token. <see langword="null"/>: none, or <see cref="CredentialProvider"/>.</summary>
    public string? Credential { get; set; }

    /// <summary>
    /// Asked for the credential before each request, for one that changes while the client is used (a login that is renewed, a key
    /// that is rotated). Answering <see langword="null"/> sends the request without one. Takes precedence over <see cref="Credential"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>>? CredentialProvider { get; set; }

    /// <summary>
    /// How many times a request is sent again after a lost answer or a refusal that waiting mends; 0 for never. 3. Only requests that
    /// the server takes for one however often they come are repeated after a lost answer.
    /// </summary>
    public int MaxRetries { get; set; } = 3;

    /// <summary>
    /// The longest the client waits by itself between two tries. 30 s. Where the server asks for more (<c>Retry-After</c>), the refusal
    /// is thrown at once and says how long.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock that waits are measured with. The system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
