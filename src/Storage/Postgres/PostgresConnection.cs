using Npgsql;

namespace SessionManager.Storage.Postgres;

public static class PostgresConnection
{
    /// <summary>Grains and lists share the pool; a statement of theirs is one of a few, ever the same.</summary>
    const int PoolSize = 40;

    /// <summary>The first version called itself session-manager: whether it still runs can be told by that.</summary>
    const string ApplicationName = "session-manager-2";
    const int PreparedStatements = 64;

    /// <summary>Fills in what the operator left open.</summary>
    /// <exception cref="ArgumentException">The text is no connection string.</exception>
    public static string WithDefaults(string text)
    {
        var connection = new NpgsqlConnectionStringBuilder(text);
        // By their canonical names, whichever of its names a keyword was given under.
        var given = connection.Keys.Cast<string>().ToHashSet();
        if (!given.Contains("Maximum Pool Size"))
            connection.MaxPoolSize = PoolSize;
        if (!given.Contains("Max Auto Prepare"))
            connection.MaxAutoPrepare = PreparedStatements;
        // Nothing of ours outlives its transaction, and to wipe the server's session is seven statements before each of ours.
        if (!given.Contains("No Reset On Close"))
            connection.NoResetOnClose = true;
        if (!given.Contains("Application Name"))
            connection.ApplicationName = ApplicationName;
        return connection.ToString();
    }
}
