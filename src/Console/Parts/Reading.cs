using Microsoft.AspNetCore.Components;
using SessionManager.Client;
using SessionManager.Console.Browsing;
using SessionManager.Console.Live;
using SessionManager.Console.SignIn;

namespace SessionManager.Console.Parts;

/// <summary>
/// A page that shows what it has read of the server: what is there stays while it is read again, nothing is drawn for what comes
/// within 300 ms, and whoever signs in again sees it read once more.
/// </summary>
/// <typeparam name="T">What is read.</typeparam>
public abstract class Reading<T> : ComponentBase, IDisposable
    where T : class
{
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan Again = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Together = TimeSpan.FromMilliseconds(700);
    readonly CancellationTokenSource _gone = new();
    CancellationTokenSource? _reading;
    Task _loading = Task.CompletedTask;
    bool _ended, _soon;

    [Inject] protected SessionManagerClient Server { get; set; } = null!;
    [Inject] protected Login Login { get; set; } = null!;
    [Inject] protected Notices Notices { get; set; } = null!;
    [Inject] protected TimeProvider Time { get; set; } = null!;
    [Inject] protected ServerClock Clock { get; set; } = null!;
    [Inject] protected EventFeed Feed { get; set; } = null!;

    protected T? Value { get; set; }

    /// <summary>Why there is nothing newer than <see cref="Value"/>.</summary>
    protected Exception? Failure { get; private set; }

    /// <summary>It takes long enough to say so.</summary>
    protected bool IsSlow { get; private set; }

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Gone => _gone.Token;

    protected abstract Task<T> Read(CancellationToken cancellation);

    protected override void OnInitialized()
    {
        Login.Changed += LoginChanged;
        Feed.News += Hear;
    }

    /// <summary>Something has happened on the server; whether it concerns this page is the page's to say.</summary>
    protected virtual void OnNews(ServerEvent news)
    {
    }

    /// <summary>
    /// Reads again shortly: what comes until then is in that same reading. One under way is not given up for it, or a page that hears
    /// more than a busy server answers would never show anything.
    /// </summary>
    protected void LoadSoon()
    {
        if (_soon)
            return;
        _soon = true;
        _ = LoadLater();
    }

    /// <summary>Reads, in place of whatever is being read.</summary>
    /// <param name="afresh">What is shown now is of something else and goes.</param>
    protected Task Load(bool afresh = false) => _loading = LoadNow(afresh);

    async Task LoadNow(bool afresh)
    {
        if (_gone.IsCancellationRequested)
            return;
        _reading?.Cancel();
        var mine = _reading = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        if (afresh)
            Value = null;
        (Failure, IsSlow) = (null, false);
        try
        {
            var answer = Read(mine.Token);
            if (Value is null && await Task.WhenAny(answer, Task.Delay(Soon, Time, mine.Token)) != answer && !mine.IsCancellationRequested)
            {
                IsSlow = true;
                StateHasChanged();
            }

            var read = await answer;
            if (mine.IsCancellationRequested)
                return;
            Value = read;
        }
        catch (OperationCanceledException) when (mine.IsCancellationRequested)
        {
            return;
        }
        catch (SessionManagerException problem)
        {
            if (mine.IsCancellationRequested)
                return;
            Failure = problem;
            if (problem is SessionManagerConnectionException)
                _ = LoadAgain(mine);
        }

        IsSlow = false;
        StateHasChanged();
    }

    /// <summary>The server was away: asks again until it is back, or somebody else has asked.</summary>
    async Task LoadAgain(CancellationTokenSource mine)
    {
        try
        {
            await Task.Delay(Again, Time, mine.Token);
            await InvokeAsync(() => Load());
        }
        catch (OperationCanceledException)
        {
            // Left, or asked meanwhile.
        }
    }

    async Task LoadLater()
    {
        try
        {
            await Task.Delay(Together, Time, _gone.Token);
            await InvokeAsync(async () =>
            {
                while (!_loading.IsCompleted)
                    await Task.WhenAny(_loading);
                _soon = false;
                await Load();
            });
        }
        catch (OperationCanceledException)
        {
            // Left.
        }
    }

    void Hear(ServerEvent news) => InvokeAsync(() => OnNews(news));

    void LoginChanged() => InvokeAsync(async () =>
    {
        var again = _ended && !Login.Ended && Login.Me is not null;
        _ended = Login.Ended;
        if (again)
            await Load();
    });

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Login.Changed -= LoginChanged;
        Feed.News -= Hear;
        _gone.Cancel();
        _gone.Dispose();
    }
}
