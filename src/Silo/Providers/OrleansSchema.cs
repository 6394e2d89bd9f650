using SessionManager.Storage;

namespace SessionManager.Providers;

/// <summary>The tables of Orleans' providers: the embedded scripts, each a step, in the order of their names.</summary>
static class OrleansSchema
{
    public static Schema SQLite { get; } = Read("SQLite/", wait: null);

    /// <summary>deploy/sql</summary>
    public static Schema PostgreSQL { get; } = Read("PostgreSQL/", wait: "SELECT pg_advisory_xact_lock(5080002)");

    static Schema Read(string folder, string? wait) => new("orleans", wait,
    [
        .. typeof(OrleansSchema).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Text),
    ]);

    static string Text(string name)
    {
        using var reader = new StreamReader(typeof(OrleansSchema).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
