using SessionManager.Client;
using SessionManager.Console.SignIn;

namespace SessionManager.Console.Live;

/// <summary>
/// The server's stream of events, held open while somebody is signed in and resumed where it broke. Pages listen, and ask nobody
/// on their own.
/// </summary>
public sealed class EventFeed : IDisposable
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(2);
    readonly SessionManagerClient server;
    readonly Login login;
    readonly TimeProvider time;
    CancellationTokenSource? following;
    string? token;

    public EventFeed(SessionManagerClient server, Login login, TimeProvider time)
    {
        (this.server, this.login, this.time) = (server, login, time);
        login.Changed += LoginChanged;
    }

    /// <summary>Something has happened.</summary>
    public event Action<ServerEvent>? News;

    /// <summary>The stream came or went.</summary>
    public event Action? Changed;

    public bool IsLive { get; private set; }

    /// <summary>Begins to follow, if somebody is signed in.</summary>
    public void Start() => LoginChanged();

    void LoginChanged()
    {
        var wanted = login is { Me: not null, Ended: false } ? login.Token : null;
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
        string? last = null;
        var isFirst = true;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var news in server.Events.FollowAsync(last, cancellation))
                {
                    last = news.Id ?? last;
                    SetLive(true);
                    if (news is StreamReadyEvent { Resumed: false } && !isFirst)
                        News?.Invoke(new EventsSkippedEvent(null, 1));
                    isFirst = false;
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
        login.Changed -= LoginChanged;
        following?.Cancel();
        following?.Dispose();
    }
}
