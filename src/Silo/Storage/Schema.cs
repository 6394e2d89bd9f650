using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using SessionManager.Hosting;

namespace SessionManager.Storage;

/// <summary>
/// Tables that go from version to version by steps. A step is never changed once released, only followed by another.
/// </summary>
/// <param name="Name">Whose tables: <c>journal</c> keeps its version in the table <c>journal_version</c>.</param>
/// <param name="LockNumber">PostgreSQL's advisory lock that makes one process migrate and the others wait; ever the same.</param>
/// <param name="Steps">Each brings the tables from the version of its index to the next.</param>
sealed record Schema(string Name, int LockNumber, ImmutableArray<string> Steps)
{
    /// <exception cref="StartupException">The tables are of a newer version than this one.</exception>
    public async Task Apply(DbConnection connection, StorageProvider provider, string place)
    {
        // On SQLite beginning alone takes the file's write lock.
        await using var transaction = await connection.BeginTransactionAsync();
        if (provider == StorageProvider.PostgreSQL)
            await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@LockNumber)", new { LockNumber }, transaction);
        await connection.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {Name}_version (version INTEGER NOT NULL)", transaction: transaction);
        var version = await connection.ExecuteScalarAsync<int?>($"SELECT MAX(version) FROM {Name}_version", transaction: transaction) ?? 0;
        if (version > Steps.Length)
            throw new StartupException(
                $"The {Name} tables in {place} are of a newer version ({version}) than this program knows ({Steps.Length}). Start the newer program.");
        for (; version < Steps.Length; version++)
        {
            await connection.ExecuteAsync(Steps[version], transaction: transaction);
            await connection.ExecuteAsync($"INSERT INTO {Name}_version VALUES (@version)", new { version = version + 1 }, transaction);
        }

        await transaction.CommitAsync();
    }
}
