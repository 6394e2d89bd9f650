using System.Diagnostics;

namespace SessionManager.Tests;

/// <summary>Other processes' news comes when it comes: asked for again and again until it is there or too late.</summary>
static class Eventually
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> Holds(string what, TimeSpan within, Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < within, $"Not within {within.TotalSeconds:0} s: {what}.");
            await Task.Delay(Pause);
        }

        return watch.Elapsed;
    }
}
