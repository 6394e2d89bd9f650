using System.Collections.Immutable;
using System.Data.Common;

namespace SessionManager.Journal;

/// <summary>A write with its values.</summary>
readonly record struct Statement(string Sql, ImmutableArray<(string Name, object? Value)> Values)
{
    /// <summary>All in one round trip, where the connection can.</summary>
    public static async Task ExecuteAtOnce(DbConnection connection, DbTransaction transaction, IEnumerable<Statement> statements)
    {
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var statement in statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = statement.Sql;
            foreach (var (name, value) in statement.Values)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>One by one, each text prepared once: the way where there is no network between.</summary>
    public static void ExecuteEach(DbConnection connection, DbTransaction transaction, IEnumerable<Statement> statements)
    {
        var prepared = new Dictionary<string, DbCommand>();
        try
        {
            foreach (var statement in statements)
            {
                if (!prepared.TryGetValue(statement.Sql, out var command))
                    prepared.Add(statement.Sql, command = Prepare(connection, transaction, statement));
                for (var i = 0; i < statement.Values.Length; i++)
                    command.Parameters[i].Value = statement.Values[i].Value ?? DBNull.Value;
                command.ExecuteNonQuery();
            }
        }
        finally
        {
            foreach (var command in prepared.Values)
                command.Dispose();
        }
    }

    static DbCommand Prepare(DbConnection connection, DbTransaction transaction, Statement statement)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (statement.Sql, transaction);
        foreach (var (name, _) in statement.Values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
