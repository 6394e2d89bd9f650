namespace SessionManager.Console.Browsing;

/// <summary>
/// The server's time, by which ages are counted: this machine's clock may be minutes off. Learned from the answers' Date; good
/// to a second.
/// </summary>
public sealed class ServerClock(TimeProvider time) : IDisposable
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    readonly Lock _gate = new();
    TimeSpan _ahead;
    ITimer? _timer;
    Action? _ticked;

    public DateTimeOffset Now => time.GetUtcNow() + _ahead;

    /// <summary>Every second, while anyone listens.</summary>
    public event Action? Ticked
    {
        add
        {
            lock (_gate)
            {
                _ticked += value;
                _timer ??= time.CreateTimer(_ => _ticked?.Invoke(), null, Second, Second);
            }
        }
        remove
        {
            lock (_gate)
            {
                _ticked -= value;
                if (_ticked is not null)
                    return;
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    /// <param name="date">From an answer that has just come.</param>
    public void Heard(DateTimeOffset date)
    {
        // It has whole seconds: what lies within one is no difference.
        var difference = date - time.GetUtcNow();
        if ((difference - _ahead).Duration() > Second)
            _ahead = difference;
    }

    public void Dispose() => _timer?.Dispose();
}
