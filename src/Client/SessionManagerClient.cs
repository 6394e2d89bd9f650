namespace SessionManager.Client;

/// <summary>
/// A Session Manager server, seen by one caller. Thread-safe: keep one and share it, or have one injected
/// (<c>services.AddSessionManagerClient</c>). Its methods throw <see cref="SessionManagerException"/> and nothing else, but for
/// <see cref="OperationCanceledException"/> where the caller's own token was cancelled.
/// </summary>
public sealed class SessionManagerClient : IDisposable
{
    readonly HttpClient? _ownHttp;

    /// <summary>A client with an HTTP connection pool of its own.</summary>
    /// <param name="address">The server's address, such as <c>https://sessions.example.com</c>.</param>
    /// <param name="credential">An API key, an access token got for one, or a login's access token; <see langword="null"/>: none.</param>
    public SessionManagerClient(Uri address, string? credential = null)
        : this(new SessionManagerClientOptions { Address = address, Credential = credential })
    {
    }

    /// <summary>A client on <paramref name="http"/>, or with an HTTP connection pool of its own.</summary>
    /// <param name="options">Read once: changing them later changes nothing.</param>
    /// <param name="http">Remains the caller's to dispose; <see langword="null"/>: one that lives as long as the client.</param>
    /// <exception cref="ArgumentException">There is no address, or an option is out of range.</exception>
    public SessionManagerClient(SessionManagerClientOptions options, HttpClient? http = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Connection = new Connection(http ?? (_ownHttp = new HttpClient()), options);
        Auth = new AuthClient(Connection);
        Credentials = new CredentialsClient(Connection);
        Sessions = new SessionsClient(Connection);
        Users = new UsersClient(Connection);
        Keys = new KeysClient(Connection);
        Usage = new UsageClient(Connection);
        Nodes = new NodesClient(Connection);
        Broadcasts = new BroadcastsClient(Connection);
        Events = new EventsClient(Connection);
        Admin = new AdminClient(Connection);
    }

    /// <summary>Logging in, and a new server's first administrator.</summary>
    public AuthClient Auth { get; }

    /// <summary>Credentials for streaming sessions: minted here, handed to a browser.</summary>
    public CredentialsClient Credentials { get; }

    /// <summary>The account's sessions.</summary>
    public SessionsClient Sessions { get; }

    /// <summary>The user behind the credential.</summary>
    public UsersClient Users { get; }

    /// <summary>The user's API keys.</summary>
    public KeysClient Keys { get; }

    /// <summary>What the account has used.</summary>
    public UsageClient Usage { get; }

    /// <summary>Streaming nodes, to look at, to manage, and what they report themselves.</summary>
    public NodesClient Nodes { get; }

    /// <summary>Sessions shown to many viewers.</summary>
    public BroadcastsClient Broadcasts { get; }

    /// <summary>What changes, as it changes.</summary>
    public EventsClient Events { get; }

    /// <summary>What only an administrator's login opens.</summary>
    public AdminClient Admin { get; }

    internal Connection Connection { get; }

    /// <summary>Ends the connections of a client that was given none.</summary>
    public void Dispose() => _ownHttp?.Dispose();
}
