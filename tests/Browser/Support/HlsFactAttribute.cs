namespace SessionManager.Tests;

/// <summary>A test in a real browser of what the sample streamer encodes with ffmpeg; named as skipped where one of them is missing.</summary>
public sealed class HlsFactAttribute : BrowserFactAttribute
{
    public HlsFactAttribute() => Skip ??= HasFfmpeg ? null : "needs ffmpeg (apt-get install ffmpeg)";

    static bool HasFfmpeg { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "ffmpeg")));
}
