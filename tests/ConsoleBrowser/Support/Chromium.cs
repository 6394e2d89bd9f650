using Microsoft.Playwright;

namespace SessionManager.Tests;

/// <summary>One headless Chromium and one server with demo data, for all tests of a class: each takes users of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>No test is about how fast this machine is at the moment.</summary>
    const int Patience = 60_000;
    static int names;
    IPlaywright? playwright;
    IBrowser? browser;

    public ServerProcess Server { get; private set; } = null!;

    public static string NewName(string prefix) => $"{prefix}{Interlocked.Increment(ref names)}";

    public async Task InitializeAsync()
    {
        if (Needs.Missing is not null)
            return;
        Assertions.SetDefaultExpectTimeout(Patience);
        Server = await ServerProcess.Start(demo: true);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Needs.Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A browser window of its own: nobody is signed in, nothing is remembered.</summary>
    public async Task<ConsoleWindow> Open(ServerProcess? server = null, int width = 1280, int height = 800, bool dark = false)
    {
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = (server ?? Server).Address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Patience);
        return new ConsoleWindow(context, await context.NewPageAsync(), server ?? Server);
    }

    public async Task<ConsoleWindow> OpenAsAdmin(string path, int width = 1280, int height = 800, bool dark = false)
    {
        var window = await Open(null, width, height, dark);
        var (username, password) = await Server.Admin();
        await window.Page.GotoAsync(path);
        await window.SignIn(username, password);
        return window;
    }

    public async Task<ConsoleWindow> OpenAs(string username, string path)
    {
        var window = await Open();
        await window.Page.GotoAsync(path);
        await window.SignIn(username, ServerProcess.Password);
        return window;
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        Server?.Dispose();
    }
}

/// <summary>
/// A page of the console. What it must never do, it is watched for all the time: ask another origin, break its own policy, throw.
/// </summary>
public sealed class ConsoleWindow : IAsyncDisposable
{
    readonly IBrowserContext context;
    readonly List<string> wrongs = [];

    public ConsoleWindow(IBrowserContext context, IPage page, ServerProcess server)
    {
        (this.context, Page) = (context, page);
        page.PageError += (_, error) => wrongs.Add($"error: {error}");
        page.Console += (_, message) =>
        {
            // A refused request is a line of the browser's own; what is made of it the tests look at.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                wrongs.Add(message.Text);
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)
                && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
                wrongs.Add($"asked {request.Url}");
        };
    }

    public IPage Page { get; }

    public async Task SignIn(string username, string password)
    {
        await Page.GetByLabel("Username").FillAsync(username);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    /// <summary>The dialog on top.</summary>
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog).Last;

    public ILocator InDialog(AriaRole role, string name) => Dialog.GetByRole(role, new() { Name = name, Exact = true });

    public Task See(string text) => Assertions.Expect(Page.GetByText(text).First).ToBeVisibleAsync();

    /// <summary>The test's last word: nothing was done that no page may do.</summary>
    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        Assert.Empty(wrongs);
    }
}
