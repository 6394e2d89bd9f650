using Microsoft.Playwright;

namespace SessionManager.Tests;

/// <summary>
/// One server with demo data and one headless Chromium for all tests, which take users of their own. Each class has a browser window
/// of its own, in whose tabs its tests run: what was fetched once is not fetched again, and a tab's login is that tab's alone. One tab is
/// the administrator's, another everyone else's: to load the console takes a browser longer than most tests do.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>No test is about how fast this machine is at the moment.</summary>
    const int Patience = 60_000;
    static readonly SemaphoreSlim Turn = new(1);

    /// <summary>
    /// Every page starts the console anew. Its code runs too briefly to be worth compiling a second time, and two processes for all pages
    /// are started fewer times than one for each.
    /// </summary>
    static readonly string[] Sparing = ["--js-flags=--liftoff-only", "--renderer-process-limit=2"];
    static (ServerProcess Server, IPlaywright Playwright, IBrowser Browser) _all;
    static int _classes;
    static int _names;
    IBrowser? _browser;
    IBrowserContext? _tabs;
    ConsoleWindow? _adminsTab, _usersTab;

    public ServerProcess Server { get; private set; } = null!;

    public static string NewName(string prefix) => $"{prefix}{Interlocked.Increment(ref _names)}";

    public async Task InitializeAsync()
    {
        if (Needs.Missing is not null)
            return;
        await Turn.WaitAsync();
        try
        {
            if (_classes == 0)
                _all = await Start();
            _classes++;
            (Server, _, _browser) = _all;
        }
        finally
        {
            Turn.Release();
        }

        _tabs = await NewContext(Server, 1280, 800, dark: false);
    }

    /// <summary>A tab in which nobody is signed in.</summary>
    public async Task<ConsoleWindow> OpenTab() => new(await _tabs!.NewPageAsync(), Server);

    /// <summary>A browser window of its own: nothing is remembered or cached.</summary>
    public async Task<ConsoleWindow> Open(ServerProcess? server = null, int width = 1280, int height = 800, bool dark = false) =>
        new(await (await NewContext(server ?? Server, width, height, dark)).NewPageAsync(), server ?? Server, alone: true);

    /// <summary>A tab with the administrator signed in: the one that the test before has left, if it left it in order.</summary>
    public async Task<ConsoleWindow> OpenAsAdmin(string path)
    {
        if (Interlocked.Exchange(ref _adminsTab, null) is { } left)
        {
            await left.Page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
            return left;
        }

        var window = await OpenTab();
        window.Left = async left => await Tidy(left) && Interlocked.CompareExchange(ref _adminsTab, left, null) is null;
        await window.Take(await Server.LogInAsAdmin());
        await window.Arrive(path);
        return window;
    }

    /// <summary>A tab with that user signed in: the one that the test before has left, where they sign in as anyone does.</summary>
    public async Task<ConsoleWindow> OpenAs(string username, string path)
    {
        if (Interlocked.Exchange(ref _usersTab, null) is { } left)
        {
            await left.Button("Sign out").ClickAsync();
            await left.SignIn(username, ServerProcess.Password);
            await Assertions.Expect(left.Button("Sign out")).ToBeVisibleAsync();
            await left.Page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
            return left;
        }

        var window = await OpenTab();
        window.Left = async left => await Tidy(left) && Interlocked.CompareExchange(ref _usersTab, left, null) is null;
        await window.Take(await Server.LogIn(username, ServerProcess.Password));
        await window.Arrive(path);
        return window;
    }

    public async Task DisposeAsync()
    {
        if (_tabs is null)
            return;
        await _tabs.DisposeAsync();
        await Turn.WaitAsync();
        try
        {
            // The last class: nothing may outlive the tests.
            if (--_classes > 0)
                return;
            await _all.Browser.DisposeAsync();
            _all.Playwright.Dispose();
            _all.Server.Dispose();
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>Has the tab as a new one would be. False: somebody signed out, or a dialog is open that closes with no Esc.</summary>
    static async Task<bool> Tidy(ConsoleWindow window)
    {
        const string signedIn = "sessionStorage.getItem('token') !== null && typeof Blazor === 'object'";
        if (window.Page.Url.EndsWith("/health/live", StringComparison.Ordinal) || !await window.Page.EvaluateAsync<bool>(signedIn))
            return false;
        if (await window.Page.GetByRole(AriaRole.Dialog).CountAsync() > 0)
        {
            await window.Page.Keyboard.PressAsync("Escape");
            try
            {
                await Assertions.Expect(window.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0, new() { Timeout = 5_000 });
            }
            catch (PlaywrightException)
            {
                return false;
            }
        }

        await window.Button("Close message").EvaluateAllAsync<object?>("buttons => buttons.forEach(button => button.click())");
        await Assertions.Expect(window.Button("Close message")).ToHaveCountAsync(0);
        await window.Page.SetViewportSizeAsync(1280, 800);
        await window.Page.EmulateMediaAsync(new() { Media = Media.Screen, ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        await window.Go("settings/display");
        return true;
    }

    async Task<IBrowserContext> NewContext(ServerProcess server, int width, int height, bool dark)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = server.Address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Patience);
        return context;
    }

    static async Task<(ServerProcess Server, IPlaywright Playwright, IBrowser Browser)> Start()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        var starting = ServerProcess.Start(demo: true);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = ChromiumProgram.Path,
            Args = [.. ChromiumProgram.Arguments, .. Sparing],
        });
        return (await starting, playwright, browser);
    }
}

/// <summary>
/// A page of the console. What it must never do, it is watched for all the time: ask another origin, break its own policy, throw.
/// </summary>
public sealed class ConsoleWindow : IAsyncDisposable
{
    readonly bool _alone;
    readonly List<string> _wrongs = [];

    /// <param name="alone">Its window ends with it.</param>
    public ConsoleWindow(IPage page, ServerProcess server, bool alone = false)
    {
        (Page, _alone) = (page, alone);
        page.PageError += (_, error) => _wrongs.Add($"error: {error}");
        page.Console += (_, message) =>
        {
            // A refused request is a line of the browser's own; what is made of it the tests look at.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _wrongs.Add(message.Text);
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)
                && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
                _wrongs.Add($"asked {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>Asked at the end whether the tab stays for the next test.</summary>
    public Func<ConsoleWindow, Task<bool>>? Left { get; set; }

    /// <summary>Signs in as the page does once it has a token: it is in this tab's own storage.</summary>
    public async Task Take(string token)
    {
        await Page.GotoAsync("health/live");
        await Page.EvaluateAsync("token => sessionStorage.setItem('token', token)", token);
    }

    /// <summary>Loads the console there and waits until it has started: one that is starting does not hear that it is to go elsewhere.</summary>
    public async Task Arrive(string path)
    {
        await Page.GotoAsync(path);
        await Assertions.Expect(Button("Sign out")).ToBeVisibleAsync();
    }

    public async Task SignIn(string username, string password)
    {
        await Page.GetByLabel("Username").FillAsync(username);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    /// <summary>To another page as a link leads there, without loading the console again.</summary>
    public async Task Go(string path)
    {
        await Page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
        await Page.WaitForURLAsync($"**/{path}");
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    public ILocator Row(string text) => Page.GetByRole(AriaRole.Row).Filter(new() { HasText = text });

    /// <summary>The dialog on top.</summary>
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog).Last;

    public ILocator InDialog(AriaRole role, string name) => Dialog.GetByRole(role, new() { Name = name, Exact = true });

    public Task See(string text) => Assertions.Expect(Page.GetByText(text).First).ToBeVisibleAsync();

    /// <summary>The test's last word: nothing was done that no page may do.</summary>
    public async ValueTask DisposeAsync()
    {
        string[] done = [.. _wrongs];
        _wrongs.Clear();
        if (Left is null || done.Length > 0 || !await Left(this))
            await (_alone ? Page.Context.CloseAsync() : Page.CloseAsync());
        Assert.Empty(done);
    }
}
