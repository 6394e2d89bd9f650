namespace SessionManager.Tests;

static class Eventually
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer fits; the last answer where it never does.</summary>
    public static async Task<T> Get<T>(Func<Task<T>> ask, Func<T, bool> fits)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var answer = await ask();
            if (fits(answer) || patience.IsCancellationRequested)
                return answer;
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
