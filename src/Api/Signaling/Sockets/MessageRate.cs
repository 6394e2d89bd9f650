namespace SessionManager.Api.Signaling.Sockets;

/// <summary>A token bucket: so many messages at once, and so many a second on and on. Used by one caller at a time.</summary>
sealed class MessageRate(int burst, int perSecond, TimeProvider time)
{
    double _left = burst;
    long _countedAt = time.GetTimestamp();

    /// <returns>How long the message comes too early; zero: it doesn't.</returns>
    public TimeSpan Take()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(burst, _left + time.GetElapsedTime(_countedAt, now).TotalSeconds * perSecond) - 1;
        _countedAt = now;
        return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond);
    }
}
