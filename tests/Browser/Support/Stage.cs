using System.Net.Mime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>
/// The server as <c>./run</c> starts it, with its streamer; a web app's page that takes the published client, from an origin of its own;
/// and Chromium. Shared by many tests: a session disturbs no other.
/// </summary>
public sealed class Stage : IAsyncLifetime, IDisposable
{
    public const string Name = "stage";

    /// <summary>Another one, of those who mostly wait for connections to be given up, beside the others.</summary>
    public const string Watching = "watching";

    /// <summary>In milliseconds: what takes longer doesn't come, also where the machine is busy.</summary>
    const int Patience = 60_000;

    readonly TempFolder _folder = new();
    WebApplication? _app;
    IPlaywright? _playwright;

    public ServerProcess Server { get; private set; } = null!;
    public IBrowser Browser { get; private set; } = null!;
    public SessionManagerClient Client { get; private set; } = null!;

    /// <summary>With an administrator's login.</summary>
    public SessionManagerClient Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (new BrowserFactAttribute().Skip is not null)
            return;
        Server = await ServerProcess.Start(
            _folder.Path,
            ("Demo__Streamer", BrowserFactAttribute.StreamerFolder),
            // A lost node is found out soon, but not one that a busy machine keeps waiting.
            ("Nodes__LeaseSeconds", "20"),
            ("Gateway__OfferSeconds", "60"),
            ("Gateway__ViewerSeconds", "20"),
            ("Sessions__SweepSeconds", "2"),
            ("Accounts__MaxConcurrent", "50"));
        Client = new SessionManagerClient(Server.Address, Server.ApiKey);
        Admin = await LogIn();
        _app = await Serve();
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = ChromiumProgram.Path,
            Args = ChromiumProgram.Arguments,
        });
    }

    public async Task DisposeAsync()
    {
        if (_playwright is not null)
            await Browser.CloseAsync();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    public void Dispose()
    {
        _playwright?.Dispose();
        Client?.Dispose();
        Admin?.Dispose();
        Server?.Dispose();
        _folder.Dispose();
    }

    /// <summary>The web app's page, in a browser profile of its own.</summary>
    public async Task<ClientPage> Open()
    {
        var page = await Browser.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        await page.GotoAsync(_app!.Urls.Single() + "/page.html");
        await page.WaitForFunctionAsync("window.ready");
        return new ClientPage(page);
    }

    async Task<SessionManagerClient> LogIn()
    {
        string? token = null;
        var admin = new SessionManagerClient(
            new SessionManagerClientOptions { Address = Server.Address, CredentialProvider = _ => ValueTask.FromResult(token) });
        var login = Server.Demo["admin"]!;
        token = (await admin.Auth.LogInAsync(login["username"]!.GetValue<string>(), login["password"]!.GetValue<string>())).Token;
        return admin;
    }

    /// <summary>Only what the page asks for; a real app would bundle it.</summary>
    static async Task<WebApplication> Serve()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        Map("page.html", "page.html", MediaTypeNames.Text.Html);
        Map("page.js", "page.js", MediaTypeNames.Text.JavaScript);
        Map("odyssey.js", "node_modules/@odysseyml/odyssey/dist/index.js", MediaTypeNames.Text.JavaScript);
        await app.StartAsync();
        return app;

        void Map(string name, string file, string type) =>
            app.MapGet("/" + name, () => Results.File(Path.Combine(BrowserFactAttribute.ClientFolder, file), type));
    }
}

[CollectionDefinition(Stage.Name)]
public sealed class StageDefinition : ICollectionFixture<Stage>;

[CollectionDefinition(Stage.Watching)]
public sealed class WatchingDefinition : ICollectionFixture<Stage>;
