namespace SessionManager.Api.Signaling.Sockets;

/// <summary>A token bucket: so many messages at once, and so many a second on and on. Used by one caller at a time.</summary>
sealed class MessageRate(int burst, int perSecond, TimeProvider time)
{
    double left = burst;
    long countedAt = time.GetTimestamp();

    /// <returns>How long the message comes too early; zero: it doesn't.</returns>
    public TimeSpan Take()
    {
        var now = time.GetTimestamp();
        left = Math.Min(burst, left + time.GetElapsedTime(countedAt, now).TotalSeconds * perSecond) - 1;
        countedAt = now;
        return left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-left / perSecond);
    }
}
