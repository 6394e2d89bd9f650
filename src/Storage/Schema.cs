using System.Collections.Immutable;
using System.Data.Common;
using Dapper;

namespace SessionManager.Storage;

/// <summary>
/// Tables that go from version to version by steps. A step is never changed once released, only followed by another.
/// </summary>
/// <param name="Name">Whose tables: <c>sessions</c> keeps its version in the table <c>sessions_version</c>.</param>
/// <param name="Lock">A statement that makes one process migrate and the others wait; null where beginning does that (SQLite).</param>
/// <param name="Steps">Each brings the tables from the version of its index to the next.</param>
public sealed record Schema(string Name, string? Lock, ImmutableArray<string> Steps)
{
    /// <param name="place">The file or database, for the message.</param>
    /// <exception cref="StorageUnusableException">The tables are of a newer version than this one.</exception>
    public async Task Apply(DbConnection connection, string place)
    {
        // On SQLite beginning alone takes the file's write lock.
        await using var transaction = await connection.BeginTransactionAsync();
        await Apply(connection, transaction, place);
        await transaction.CommitAsync();
    }

    public async Task Apply(DbConnection connection, DbTransaction transaction, string place)
    {
        if (Lock is not null)
            await connection.ExecuteAsync(Lock, transaction: transaction);
        await connection.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {Name}_version (version INTEGER NOT NULL)", transaction: transaction);
        var version = await connection.ExecuteScalarAsync<int?>($"SELECT MAX(version) FROM {Name}_version", transaction: transaction) ?? 0;
        if (version > Steps.Length)
            throw new StorageUnusableException(
                $"The {Name} tables in {place} are of a newer version ({version}) than this program knows ({Steps.Length}). Start the newer program.");
        for (; version < Steps.Length; version++)
        {
            await connection.ExecuteAsync(Steps[version], transaction: transaction);
            await connection.ExecuteAsync($"INSERT INTO {Name}_version VALUES (@version)", new { version = version + 1 }, transaction);
        }
    }
}
