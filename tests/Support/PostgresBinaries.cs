using System.Globalization;

namespace SessionManager.Tests;

/// <summary>The installed PostgreSQL server, which Debian keeps off the path in a folder of its version.</summary>
public static class PostgresBinaries
{
    const int OldestVersion = 15;

    public const string Missing = "needs the server binaries of PostgreSQL 15 or later (apt-get install postgresql)";

    /// <summary>null where there is none.</summary>
    public static string? Folder { get; } = Versioned("/usr/lib/postgresql").Concat(OnPath()).FirstOrDefault(IsServer);

    static IEnumerable<string> Versioned(string root) =>
        !Directory.Exists(root) ? [] :
        from folder in Directory.GetDirectories(root)
        let version = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
        where version >= OldestVersion
        orderby version descending
        select Path.Combine(folder, "bin");

    static string[] OnPath() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);

    static bool IsServer(string folder) => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres"));
}
