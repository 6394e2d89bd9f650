using System.Data.Common;
using SessionManager.Storage.Migration;

namespace SessionManager.Storage;

/// <summary>Where the tables are: a SQLite file or a PostgreSQL database. The SQL of lists is the same in both.</summary>
interface IDatabase
{
    /// <summary>A connection for reading, from a pool. What was acknowledged before is seen through it.</summary>
    ValueTask<DbConnection> Open(CancellationToken cancellation);

    MigratedKeys Migrated { get; }

    /// <summary>Runs one statement, which is durable when this completes.</summary>
    Task Write(string sql, (string Name, object? Value)[] values);

    /// <summary>
    /// The same for a statement that adds to a table that is followed by its numbers: what has a lower number is visible no later
    /// than what has a higher one.
    /// </summary>
    Task Append(string table, string sql, (string Name, object? Value)[] values);
}
