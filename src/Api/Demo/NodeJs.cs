using System.ComponentModel;
using System.Diagnostics;

namespace SessionManager.Api.Demo;

/// <summary>The Node.js of this machine: whether there is one, and its packages.</summary>
static class NodeJs
{
    const int OldestVersion = 20;

    /// <summary>Its version, like <c>v20.11.0</c>; null where there is none, or one too old.</summary>
    public static async Task<string?> Version(CancellationToken stopping)
    {
        var (code, output) = await Run("node", ["--version"], ".", stopping);
        var version = output.Trim();
        return code == 0 && System.Version.TryParse(version.TrimStart('v'), out var parsed) && parsed.Major >= OldestVersion ? version : null;
    }

    /// <summary>Whether the packages of the folder's lock file are there, in the versions it names.</summary>
    public static bool IsInstalled(string folder)
    {
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        return installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json"));
    }

    /// <summary>null: done. Else what npm said.</summary>
    public static async Task<string?> Install(string folder, CancellationToken stopping)
    {
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        var (code, output) = await Run(npm, ["ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"], folder, stopping);
        return code == 0 ? null : output.Trim();
    }

    /// <summary>The exit code (-1: it could not be started) and all that it said.</summary>
    static async Task<(int Code, string Output)> Run(string program, string[] arguments, string folder, CancellationToken stopping)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            await using var kill = stopping.Register(() => process.Kill(entireProcessTree: true));
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            stopping.ThrowIfCancellationRequested();
            return (process.ExitCode, output + await errors);
        }
        catch (Win32Exception exception)
        {
            return (-1, exception.Message);
        }
    }
}
