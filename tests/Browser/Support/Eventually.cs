namespace SessionManager.Tests;

static class Eventually
{
    static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer fits; the last answer where it never does.</summary>
    public static async Task<T> Get<T>(Func<Task<T>> ask, Func<T, bool> fits, TimeSpan? patience = null)
    {
        using var over = new CancellationTokenSource(patience ?? Usual);
        while (true)
        {
            var answer = await ask();
            if (fits(answer) || over.IsCancellationRequested)
                return answer;
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
