using System.Reflection;

namespace SessionManager.Tests;

/// <summary>A test of the console in a real browser; named as skipped where there is no browser, or this build has no console.</summary>
public sealed class ConsoleFactAttribute : FactAttribute
{
    public ConsoleFactAttribute() => Skip = Needs.Missing;
}

/// <summary>The same, with cases.</summary>
public sealed class ConsoleTheoryAttribute : TheoryAttribute
{
    public ConsoleTheoryAttribute() => Skip = Needs.Missing;
}

static class Needs
{
    public static string Program { get; } = typeof(Needs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ApiProgram").Value!;

    static bool HasConsole => File.Exists(Path.Combine(Path.GetDirectoryName(Program)!, "console", "wwwroot", "index.html"));

    public static string? Missing => ChromiumProgram.Missing
        ?? (HasConsole ? null : "this build has no console: dotnet build -c Release src/Api -p:WithConsole=true");
}
