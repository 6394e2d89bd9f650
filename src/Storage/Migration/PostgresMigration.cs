using Dapper;
using Npgsql;
using SessionManager.Sessions;

namespace SessionManager.Storage.Migration;

/// <summary>The earlier version's tables in the same database. Steps of one transaction, with those that make this version's tables between.</summary>
sealed class PostgresMigration(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    /// <summary>The last version of Orleans' tables in which sessions were among the records.</summary>
    const int WithSessions = 4;

    /// <summary>Under which name the earlier version's processes connect, silos and front ends, if nobody chose another.</summary>
    const string OldApplication = "session-manager";

    /// <summary>A silo that has not signed for so long has died.</summary>
    const int SilenceSeconds = 15;

    /// <summary>Whether there is data of the earlier version. Keeps its processes from starting until this transaction ends.</summary>
    public async Task<bool> IsDue()
    {
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(5080001), pg_advisory_xact_lock(5080002)", transaction: transaction);
        return await connection.ExecuteScalarAsync<bool>("SELECT to_regclass('orleans_version') IS NOT NULL", transaction: transaction)
            && await connection.ExecuteScalarAsync<int?>("SELECT MAX(version) FROM orleans_version", transaction: transaction) <= WithSessions;
    }

    /// <summary>Moves away what had the names that this version's tables are to have.</summary>
    /// <exception cref="StorageUnusableException">The earlier version is still running.</exception>
    public async Task MakeRoom()
    {
        var running = await connection.ExecuteScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = @OldApplication AND pid <> pg_backend_pid())
            OR EXISTS (SELECT FROM cluster_member WHERE status = 3 AND alive_at > now() - make_interval(secs => @SilenceSeconds))
            """, new { OldApplication, SilenceSeconds }, transaction);
        if (running)
            throw new StorageUnusableException(
                $"Processes of the earlier version still use the database {connection.Database}, and nothing was changed. Stop all of them, silos and front ends, "
                + $"and start again {SilenceSeconds} seconds later.");
        foreach (var table in new[] { "session_events", "audit", "users" })
            await connection.ExecuteAsync(
                $"CREATE TEMP TABLE earlier_{table} ON COMMIT DROP AS TABLE {table}; DROP TABLE {table}", transaction: transaction);
        await connection.ExecuteAsync("DROP TABLE sessions", transaction: transaction);
    }

    /// <summary>Once this version's tables are there.</summary>
    public async Task Move(SessionOptions options, DateTimeOffset now)
    {
        await new Migration(connection, transaction, OldNames.Postgres, options, now).Run();
        // An earlier program says then that it is too old for this database.
        await connection.ExecuteAsync("INSERT INTO journal_version VALUES (2)", transaction: transaction);
    }
}
