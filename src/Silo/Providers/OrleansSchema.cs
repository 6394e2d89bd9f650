using SessionManager.Storage;

namespace SessionManager.Providers;

/// <summary>The tables of Orleans' providers: the embedded scripts, each a step, in the order of their names.</summary>
static class OrleansSchema
{
    public static Schema SQLite { get; } = Read("SQLite/");

    /// <summary>deploy/sql</summary>
    public static Schema PostgreSQL { get; } = Read("PostgreSQL/");

    static Schema Read(string folder) => new("orleans", 5_080_002,
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
