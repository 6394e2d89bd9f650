namespace SessionManager.Tests;

/// <summary>The real clock, moved forward: deadlines pass without waiting for them. Timers already set go on as they were.</summary>
public sealed class ShiftedTime : TimeProvider
{
    long _shift;
    long _elapsed;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

    /// <summary>What is under way has been so for so much longer: what is measured, and no time of day.</summary>
    public void Elapse(TimeSpan by) => Interlocked.Add(ref _elapsed, (long)(by.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _elapsed);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _shift));
}
