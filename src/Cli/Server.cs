using SessionManager.Client;

namespace SessionManager.Cli;

/// <summary>One server, with whose token is known after logging in.</summary>
sealed class Server : IDisposable
{
    readonly HttpClient _http;

    public Server(HttpMessageHandler handler, Uri url, TimeSpan patience)
    {
        _http = new HttpClient(handler, disposeHandler: false) { Timeout = patience };
        Client = new SessionManagerClient(
            new SessionManagerClientOptions { Address = url, CredentialProvider = _ => ValueTask.FromResult(Token) }, _http);
    }

    public SessionManagerClient Client { get; }

    public string? Token { get; set; }

    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
    }
}
