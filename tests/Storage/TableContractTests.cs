using Dapper;
using Npgsql;
using SessionManager.Tests.Storage.Postgres;
using SessionManager.Tests.Storage.Sqlite;

namespace SessionManager.Tests.Storage;

/// <summary>The tables as a start leaves them, whichever versions they came through.</summary>
public class TableContractTests
{
    [Fact]
    public async Task The_tables_in_SQLite_are_as_the_snapshot_says()
    {
        await using var test = await SqliteTestStore.Open();
        await using var connection = await test.Database.Open(CancellationToken.None);

        var statements = await connection.QueryAsync<string>("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name");

        Snapshot.Matches("tables-sqlite.sql", string.Join(";\n\n", statements) + ";");
    }

    [PostgresFact]
    public async Task The_tables_in_PostgreSQL_are_as_the_snapshot_says()
    {
        var place = PostgresServer.Shared.CreateDatabase();
        await using var store = await PostgresTestStore.Open(place);
        await using var connection = new NpgsqlConnection(place);

        var columns = await connection.QueryAsync<string>(
            """
            SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
                || COALESCE(' DEFAULT ' || column_default, '') || CASE is_identity WHEN 'YES' THEN ' IDENTITY' ELSE '' END
            FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
            """);
        var indexes = await connection.QueryAsync<string>("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY tablename, indexname");
        var constraints = await connection.QueryAsync<string>(
            """
            SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f') ORDER BY 1
            """);

        Snapshot.Matches("tables-postgresql.txt", string.Join("\n\n", [string.Join('\n', columns), string.Join('\n', indexes), string.Join('\n', constraints)]));
    }
}
