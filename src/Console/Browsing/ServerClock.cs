namespace SessionManager.Console.Browsing;

/// <summary>
/// The server's time, by which ages are counted: this machine's clock may be minutes off. Learned from the answers' Date; good
/// to a second.
/// </summary>
public sealed class ServerClock(TimeProvider time) : IDisposable
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    readonly Lock gate = new();
    TimeSpan ahead;
    ITimer? timer;
    Action? ticked;

    public DateTimeOffset Now => time.GetUtcNow() + ahead;

    /// <summary>Every second, while anyone listens.</summary>
    public event Action? Ticked
    {
        add
        {
            lock (gate)
            {
                ticked += value;
                timer ??= time.CreateTimer(_ => ticked?.Invoke(), null, Second, Second);
            }
        }
        remove
        {
            lock (gate)
            {
                ticked -= value;
                if (ticked is not null)
                    return;
                timer?.Dispose();
                timer = null;
            }
        }
    }

    /// <param name="date">From an answer that has just come.</param>
    public void Heard(DateTimeOffset date)
    {
        // It has whole seconds: what lies within one is no difference.
        var difference = date - time.GetUtcNow();
        if ((difference - ahead).Duration() > Second)
            ahead = difference;
    }

    public void Dispose() => timer?.Dispose();
}
