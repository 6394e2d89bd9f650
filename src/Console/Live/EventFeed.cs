using SessionManager.Client;
using SessionManager.Console.Browsing;
using SessionManager.Console.SignIn;

namespace SessionManager.Console.Live;

/// <summary>
/// The server's stream of events, held open while somebody is signed in and looks at this tab, and resumed where it broke. Pages
/// listen, and ask nobody on their own. A tab in the background lets it go: over plain HTTP a browser opens six connections to a server,
/// for all its tabs, and a seventh tab would get no answer to anything.
/// </summary>
public sealed class EventFeed : IDisposable
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(2);
    readonly SessionManagerClient server;
    readonly Login login;
    readonly IBrowser browser;
    readonly TimeProvider time;
    CancellationTokenSource? following;
    string? token, account, last;
    bool hidden, told;

    public EventFeed(SessionManagerClient server, Login login, IBrowser browser, TimeProvider time)
    {
        (this.server, this.login, this.browser, this.time) = (server, login, browser, time);
        login.Changed += Choose;
        browser.ShownChanged += ShownChanged;
    }

    /// <summary>Something has happened. A stream that goes on tells of sessions what was missed; nodes and keys must be read again.</summary>
    public event Action<ServerEvent>? News;

    /// <summary>The stream came or went.</summary>
    public event Action? Changed;

    public bool IsLive { get; private set; }

    /// <summary>Begins to follow, if somebody is signed in.</summary>
    public void Start() => Choose();

    void ShownChanged(bool shown)
    {
        hidden = !shown;
        Choose();
    }

    void Choose()
    {
        if (login.Me?.Id != account)
            (account, last, told) = (login.Me?.Id, null, false);
        var wanted = login is { Me: not null, Ended: false } && !hidden ? login.Token : null;
        if (wanted == token)
            return;
        token = wanted;
        following?.Cancel();
        following = null;
        if (wanted is null)
            return;
        following = new CancellationTokenSource();
        _ = Follow(following.Token);
    }

    async Task Follow(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var news in server.Events.FollowAsync(last, cancellation))
                {
                    last = news.Id ?? last;
                    SetLive(true);
                    if (news is StreamReadyEvent { Resumed: false } && told)
                        News?.Invoke(new EventsSkippedEvent(null, 1));
                    told = true;
                    News?.Invoke(news);
                }
            }
            catch (SessionManagerApiException refusal) when (refusal.Errors.Count > 0)
            {
                // Too old to go on from.
                last = null;
            }
            catch (SessionManagerException)
            {
                // Away, or it lets nobody follow: asked again in a while.
            }
            catch (OperationCanceledException)
            {
                break;
            }

            // Another reading may have begun in its place.
            if (cancellation.IsCancellationRequested)
                break;
            SetLive(false);
            try
            {
                await Task.Delay(Again, time, cancellation);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
    }

    void SetLive(bool live)
    {
        if (IsLive == live)
            return;
        IsLive = live;
        Changed?.Invoke();
    }

    public void Dispose()
    {
        login.Changed -= Choose;
        browser.ShownChanged -= ShownChanged;
        following?.Cancel();
        following?.Dispose();
    }
}
