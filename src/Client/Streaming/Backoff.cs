using System.Security.Cryptography;

namespace SessionManager.Client;

/// <summary>Half a second to ten before the next try, more after each in a row, and not all nodes of a fleet at the same instant.</summary>
sealed class Backoff(TimeProvider time)
{
    const int JitterSteps = 1_000;
    static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    TimeSpan _next = Shortest;

    public void Reset() => _next = Shortest;

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var delay = _next / 2 + _next / 2 * RandomNumberGenerator.GetInt32(JitterSteps + 1) / JitterSteps;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return Task.Delay(delay, time, cancellationToken);
    }
}
