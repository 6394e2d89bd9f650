using System.Diagnostics;

namespace SessionManager.Tests;

/// <summary>News of another process, or of another task of a server, comes when it comes: asked for until it is there or too late.</summary>
public static class Eventually
{
    static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the answer fits; the last answer where it never does.</summary>
    public static async Task<T> Get<T>(Func<Task<T>> ask, Func<T, bool> fits, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (fits(answer) || watch.Elapsed >= (patience ?? Usual))
                return answer;
            await Pause(watch.Elapsed);
        }
    }

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> Holds(string what, TimeSpan within, Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < within, $"Not within {within.TotalSeconds:0} s: {what}.");
            await Pause(watch.Elapsed);
        }

        return watch.Elapsed;
    }

    /// <summary>What takes long is asked after less often, or the asking itself keeps the machine busy.</summary>
    static Task Pause(TimeSpan waited) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(waited.TotalMilliseconds / 20, 20, 500)), TimeProvider.System);
}
