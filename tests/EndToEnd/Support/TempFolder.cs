namespace SessionManager.Tests;

/// <summary>A data folder of a test's own.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("e2e").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
