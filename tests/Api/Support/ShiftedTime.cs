namespace SessionManager.Tests;

/// <summary>The real clock, moved forward: deadlines pass without waiting for them. Timers already set go on as they were.</summary>
public sealed class ShiftedTime : TimeProvider
{
    long shift;

    public void Advance(TimeSpan by) => Interlocked.Add(ref shift, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref shift));
}
