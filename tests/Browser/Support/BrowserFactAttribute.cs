namespace SessionManager.Tests;

/// <summary>A test in a real browser; named as skipped where there is none, or no Node.js for the streamer.</summary>
public class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Missing;

    public static string ClientFolder { get; } = Path.Combine(AppContext.BaseDirectory, "published-client");

    public static string StreamerFolder { get; } = Path.Combine(AppContext.BaseDirectory, "streamer");

    public static string WebAppFolder { get; } = Path.Combine(AppContext.BaseDirectory, "webapp");

    static string? Missing { get; } =
        ChromiumProgram.Missing ?? Npm.Install(ClientFolder) ?? Npm.Install(StreamerFolder) ?? Npm.Install(WebAppFolder);
}
