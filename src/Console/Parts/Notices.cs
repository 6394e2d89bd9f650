namespace SessionManager.Console.Parts;

/// <summary>A short message.</summary>
/// <param name="Id">Counts up.</param>
public sealed record Notice(int Id, MarkKind Kind, string Text);

/// <summary>
/// Short messages in the corner, read out too, gone by themselves. The library's own write an inline style element, which the page's
/// policy forbids.
/// </summary>
public sealed class Notices(TimeProvider time) : IDisposable
{
    const int Most = 4;
    static readonly TimeSpan Shown = TimeSpan.FromSeconds(7);
    readonly List<ITimer> _timers = [];
    int _last;

    public event Action? Changed;

    public IReadOnlyList<Notice> All { get; private set; } = [];

    public void Say(string text) => Add(MarkKind.Live, text);
    public void Warn(string text) => Add(MarkKind.Warning, text);
    public void Fail(Exception failure) => Add(MarkKind.Failed, FailureText.Of(failure));

    public void Close(Notice notice)
    {
        All = [.. All.Where(other => other != notice)];
        Changed?.Invoke();
    }

    void Add(MarkKind kind, string text)
    {
        var notice = new Notice(++_last, kind, text);
        All = [.. All.Where(other => other.Text != text).TakeLast(Most - 1), notice];
        _timers.Add(time.CreateTimer(_ => Close(notice), null, Shown, Timeout.InfiniteTimeSpan));
        Changed?.Invoke();
    }

    public void Dispose() => _timers.ForEach(timer => timer.Dispose());
}
