namespace SessionManager.Tests;

/// <summary>
/// The browser of the tests: the one in <c>CHROMIUM</c>, or what is installed. The headless shell comes first: it is the same engine, and
/// takes two thirds of the processor time.
/// </summary>
public static class ChromiumProgram
{
    public static string? Path { get; } =
        new[]
        {
            Environment.GetEnvironmentVariable("CHROMIUM"),
            "/usr/bin/chromium-headless-shell",
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        }.FirstOrDefault(File.Exists);

    /// <summary>Why a test in a browser cannot run; null: it can.</summary>
    public static string? Missing => Path is null ? "needs Chromium (apt-get install chromium-headless-shell, or chromium)" : null;

    public static string[] Arguments { get; } =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];
}
