namespace SessionManager.Tests.Pictures;

/// <summary>Nothing is tested here, and it takes minutes: done only when a folder for the pictures is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class PictureFactAttribute : FactAttribute
{
    public PictureFactAttribute() => Skip = Needs.Missing ?? (Folder is null ? "takes pictures; asked for with CONSOLE_PICTURES=<folder>" : null);

    public static string? Folder => Environment.GetEnvironmentVariable("CONSOLE_PICTURES");
}
