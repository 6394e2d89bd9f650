namespace SessionManager.Broadcasts;

/// <summary>A media server beside this one that serves broadcasts to viewers of its own.</summary>
public interface IMediaServer
{
    /// <summary>Ends everyone who reads the path or publishes to it. Nothing where there is no such server.</summary>
    /// <param name="path"><see cref="BroadcastIds.PathOf"/>.</param>
    Task End(string path);
}
