using System.ComponentModel;
using System.Diagnostics;

namespace SessionManager.Tests;

public static class Npm
{
    /// <summary>What the folder's lock file names, installed; why not, where that is not possible.</summary>
    public static string? Install(string folder)
    {
        // npm leaves this behind when it has finished.
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
            return null;
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = npm.StandardError.ReadToEndAsync();
            npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
            return npm.ExitCode == 0 ? null : $"npm cannot install {Path.GetFileName(folder)}: {errors.GetAwaiter().GetResult().Trim()}";
        }
        catch (Win32Exception)
        {
            return "needs node and npm (apt-get install nodejs npm)";
        }
    }
}
