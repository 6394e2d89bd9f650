using SessionManager.Client;

namespace SessionManager.Cli;

/// <summary>One server, with whose token is known after logging in.</summary>
sealed class Server : IDisposable
{
    readonly HttpClient http;

    public Server(HttpMessageHandler handler, Uri url, TimeSpan patience)
    {
        http = new HttpClient(handler, disposeHandler: false) { Timeout = patience };
        Client = new SessionManagerClient(
            new SessionManagerClientOptions { Address = url, CredentialProvider = _ => ValueTask.FromResult(Token) }, http);
    }

    public SessionManagerClient Client { get; }

    public string? Token { get; set; }

    public void Dispose()
    {
        Client.Dispose();
        http.Dispose();
    }
}
