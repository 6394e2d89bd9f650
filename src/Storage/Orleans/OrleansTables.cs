namespace SessionManager.Storage.Orleans;

/// <summary>The tables of Orleans' providers: the embedded scripts, each a step, in the order of their names.</summary>
public static class OrleansTables
{
    public static Schema Sqlite { get; } = Read("SQLite/", wait: null);

    /// <summary>deploy/sql</summary>
    public static Schema Postgres { get; } = Read("PostgreSQL/", wait: "SELECT pg_advisory_xact_lock(5080002)");

    static Schema Read(string folder, string? wait) => new("orleans", wait,
    [
        .. typeof(OrleansTables).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Text),
    ]);

    static string Text(string name)
    {
        using var reader = new StreamReader(typeof(OrleansTables).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
