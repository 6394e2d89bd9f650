namespace SessionManager.Users;

/// <summary>
/// Failed logins in a row, of one user or from one address. After a few the next has to wait, twice as long each time and
/// never longer than <see cref="LoginOptions.LongestWaitSeconds"/>. Ours, because no limiter of the framework forgives after a
/// success, or waits longer with each failure.
/// </summary>
public readonly record struct LoginThrottle(int Failures, DateTimeOffset LastFailureAt)
{
    /// <param name="free">Failures before there is any wait.</param>
    /// <returns>Whole seconds until the next try; null: now.</returns>
    public int? Wait(DateTimeOffset now, int free, LoginOptions options)
    {
        if (Failures < free || IsForgotten(now, options))
            return null;
        var seconds = Math.Min(Math.Pow(2, Failures - free), options.LongestWaitSeconds);
        var left = (LastFailureAt.AddSeconds(seconds) - now).TotalSeconds;
        return left > 0 ? (int)Math.Ceiling(left) : null;
    }

    public LoginThrottle Failed(DateTimeOffset now, LoginOptions options) => new(IsForgotten(now, options) ? 1 : Failures + 1, now);

    public bool IsForgotten(DateTimeOffset now, LoginOptions options) =>
        Failures == 0 || now >= LastFailureAt.AddSeconds(options.ForgetSeconds);
}
