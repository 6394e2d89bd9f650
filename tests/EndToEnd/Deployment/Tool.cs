using System.Diagnostics;

namespace SessionManager.Tests.Deployment;

/// <summary>A program that checks files of its kind.</summary>
static class Tool
{
    static readonly Dictionary<string, string> Packages = new()
    {
        ["docker-compose"] = "docker-compose",
        ["haproxy"] = "haproxy",
        ["kubectl"] = "kubernetes-client",
        ["promtool"] = "prometheus",
    };

    /// <summary>Why it cannot be run here; null where it can.</summary>
    public static string? Missing(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, name)))
            ? null
            : $"needs {name} (apt-get install {Packages[name]})";

    /// <summary>Runs it in the repository's folder, where it has to succeed.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> Run(string name, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(name, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] += $"{Path.PathSeparator}/usr/sbin";
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{name} {string.Join(' ', arguments)}: {output}{await errors}");
        return output;
    }
}

/// <summary>A test that needs such a program; named as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string name) => Skip = Tool.Missing(name);
}
