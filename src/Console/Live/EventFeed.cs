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
    readonly SessionManagerClient _server;
    readonly Login _login;
    readonly IBrowser _browser;
    readonly TimeProvider _time;
    CancellationTokenSource? _following;
    string? _token, _account, _last;
    bool _hidden, _told;

    public EventFeed(SessionManagerClient server, Login login, IBrowser browser, TimeProvider time)
    {
        (_server, _login, _browser, _time) = (server, login, browser, time);
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
        _hidden = !shown;
        Choose();
    }

    void Choose()
    {
        if (_login.Me?.Id != _account)
            (_account, _last, _told) = (_login.Me?.Id, null, false);
        var wanted = _login is { Me: not null, Ended: false } && !_hidden ? _login.Token : null;
        if (wanted == _token)
            return;
        _token = wanted;
        _following?.Cancel();
        _following = null;
        if (wanted is null)
            return;
        _following = new CancellationTokenSource();
        _ = Follow(_following.Token);
    }

    async Task Follow(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var news in _server.Events.FollowAsync(_last, cancellation))
                {
                    _last = news.Id ?? _last;
                    SetLive(true);
                    if (news is StreamReadyEvent { Resumed: false } && _told)
                        News?.Invoke(new EventsSkippedEvent(null, 1));
                    _told = true;
                    News?.Invoke(news);
                }
            }
            catch (SessionManagerApiException refusal) when (refusal.Errors.Count > 0)
            {
                // Too old to go on from.
                _last = null;
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
                await Task.Delay(Again, _time, cancellation);
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
        _login.Changed -= Choose;
        _browser.ShownChanged -= ShownChanged;
        _following?.Cancel();
        _following?.Dispose();
    }
}
