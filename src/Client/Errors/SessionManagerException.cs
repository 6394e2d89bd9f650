namespace SessionManager.Client;

/// <summary>
/// Something went wrong between the caller and the server: either it refused (<see cref="SessionManagerApiException"/>) or there was no
/// answer of it (<see cref="SessionManagerConnectionException"/>).
/// </summary>
public abstract class SessionManagerException : Exception
{
    private protected SessionManagerException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>When to try again, where waiting helps; <see langword="null"/>: waiting does not help, or nobody knows for how long.</summary>
    public TimeSpan? RetryAfter { get; private protected init; }
}

/// <summary>
/// The server was not reached, did not answer in time, or something else answered in its place. Whether a request that changes
/// something was carried out is then unknown; the client has asked again by itself where that is safe.
/// </summary>
public sealed class SessionManagerConnectionException : SessionManagerException
{
    internal SessionManagerConnectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
