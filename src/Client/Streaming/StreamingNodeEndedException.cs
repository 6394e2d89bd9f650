namespace SessionManager.Client;

/// <summary>The node is not to go on: another process runs it, or it was deleted.</summary>
public sealed class StreamingNodeEndedException : SessionManagerException
{
    internal StreamingNodeEndedException(string message)
        : base(message, null)
    {
    }
}
