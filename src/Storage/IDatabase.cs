using System.Data.Common;

namespace SessionManager.Storage;

/// <summary>Where the tables are: a SQLite file or a PostgreSQL database. What only reads is the same in both.</summary>
interface IDatabase
{
    /// <summary>A connection for reading, from a pool. What was acknowledged before is seen through it.</summary>
    ValueTask<DbConnection> Open(CancellationToken cancellation);
}
