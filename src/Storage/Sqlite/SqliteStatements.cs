using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace SessionManager.Storage.Sqlite;

/// <summary>
/// The writer's connection. Each text is prepared once, and its values are always given in the same order. What runs with every row
/// goes to SQLite without a command object between: that would cost more than the statement.
/// </summary>
public sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    readonly Dictionary<string, Prepared> _prepared = [];
    readonly Dictionary<string, SqliteCommand> _readers = [];
    readonly sqlite3 _database = connection.Handle!;

    /// <summary>How many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        Run(sql, values, readColumn: false);
        return sqlite3_changes(_database);
    }

    /// <summary>The first column of the first row; null where there is none.</summary>
    public long? Number(string sql, params ReadOnlySpan<(string Name, object? Value)> values) => Run(sql, values, readColumn: true);

    /// <summary>Also of several statements in one text.</summary>
    public SqliteDataReader Read(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (!_readers.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in values)
                command.Parameters.Add(new SqliteParameter { ParameterName = Prepared.Sign(name) });
            _readers.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        return command.ExecuteReader();
    }

    public void Dispose()
    {
        foreach (var one in _prepared.Values)
            one.Statement.Dispose();
        foreach (var command in _readers.Values)
            command.Dispose();
        connection.Dispose();
    }

    long? Run(string sql, ReadOnlySpan<(string Name, object? Value)> values, bool readColumn)
    {
        if (!_prepared.TryGetValue(sql, out var one))
            _prepared.Add(sql, one = new Prepared(_database, sql, values));
        for (var i = 0; i < values.Length; i++)
            one.Bind(_database, i, values[i].Value);
        long? column = null;
        var result = sqlite3_step(one.Statement);
        while (result == SQLITE_ROW)
        {
            if (readColumn && column is null && sqlite3_column_type(one.Statement, 0) != SQLITE_NULL)
                column = sqlite3_column_int64(one.Statement, 0);
            result = sqlite3_step(one.Statement);
        }

        // The error is read off before the reset, which would give it again.
        if (result != SQLITE_DONE)
        {
            try
            {
                SqliteException.ThrowExceptionForRC(result, _database);
            }
            finally
            {
                sqlite3_reset(one.Statement);
            }
        }

        sqlite3_reset(one.Statement);
        return column;
    }

    sealed class Prepared
    {
        readonly int[] _places;

        public Prepared(sqlite3 database, string sql, ReadOnlySpan<(string Name, object? Value)> values)
        {
            SqliteException.ThrowExceptionForRC(sqlite3_prepare_v3(database, sql, SQLITE_PREPARE_PERSISTENT, out var statement), database);
            Statement = statement;
            _places = new int[values.Length];
            for (var i = 0; i < values.Length; i++)
                _places[i] = sqlite3_bind_parameter_index(statement, Sign(values[i].Name));
        }

        public sqlite3_stmt Statement { get; }

        public static string Sign(string name) => name[0] == '@' ? name : $"@{name}";

        public void Bind(sqlite3 database, int value, object? given) => SqliteException.ThrowExceptionForRC(
            given switch
            {
                null => sqlite3_bind_null(Statement, _places[value]),
                string text => sqlite3_bind_text(Statement, _places[value], text),
                long number => sqlite3_bind_int64(Statement, _places[value], number),
                int number => sqlite3_bind_int(Statement, _places[value], number),
                bool flag => sqlite3_bind_int(Statement, _places[value], flag ? 1 : 0),
                _ => throw new ArgumentException($"There is no column for a {given.GetType().Name}."),
            },
            database);
    }
}
