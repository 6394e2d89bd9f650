namespace SessionManager.Console.Browsing;

/// <summary>Whether the server is there, as of the last request.</summary>
public sealed class ServerConnection
{
    public event Action? Changed;

    public bool Lost { get; private set; }

    /// <summary>When it last answered.</summary>
    public DateTimeOffset LastAnswer { get; private set; }

    public void Answered(DateTimeOffset now)
    {
        LastAnswer = now;
        Set(false);
    }

    public void Failed() => Set(true);

    void Set(bool lost)
    {
        if (Lost == lost)
            return;
        Lost = lost;
        Changed?.Invoke();
    }
}
