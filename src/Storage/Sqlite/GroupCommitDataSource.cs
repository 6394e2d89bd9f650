using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace SessionManager.Storage.Sqlite;

/// <summary>
/// What Orleans' ADO.NET providers get instead of plain connections. SQLite has one writer at a time, and each commit waits for
/// the disk: 64 grains that each open a connection and write would queue for a lock by polling. Here reads go straight to
/// the file, and writes to one <see cref="SqliteWriter"/>, which makes one commit of all that wait.
/// </summary>
public sealed class GroupCommitDataSource(SqliteFile file) : DbDataSource
{
    readonly SqliteWriter _writer = new(file);
    readonly string _connectionString = file.Connection().ConnectionString;

    /// <summary>Transactions committed so far.</summary>
    public long Commits => _writer.Commits;

    public override string ConnectionString => _connectionString;

    protected override DbConnection CreateDbConnection() => new Connection(_writer, _connectionString);

    protected override async ValueTask DisposeAsyncCore()
    {
        await _writer.DisposeAsync();
        await base.DisposeAsyncCore();
    }

    /// <summary>Opens the file only when something is read.</summary>
    sealed class Connection(SqliteWriter writer, string connectionString) : SqliteConnection(connectionString)
    {
        public override void Open()
        {
        }

        public override Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override SqliteCommand CreateCommand() => new Command(writer) { Connection = this };

        public void OpenToRead() => base.Open();
    }

    sealed class Command(SqliteWriter writer) : SqliteCommand
    {
        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
        {
            if (!CommandText.TrimStart().StartsWith("SELECT", StringComparison.Ordinal))
                return await writer.Execute(Write);
            ((Connection)Connection!).OpenToRead();
            return await base.ExecuteDbDataReaderAsync(behavior, cancellationToken);
        }

        /// <summary>The rows of all its result sets, which are of one form.</summary>
        DataTableReader Write(SqliteStatements statements)
        {
            using var reader = statements.Read(CommandText, [.. Parameters.Cast<SqliteParameter>().Select(one => (one.ParameterName, one.Value))]);
            var rows = new DataTable();
            do
            {
                while (reader.Read())
                    Add(rows, reader);
            }
            while (reader.NextResult());
            return rows.CreateDataReader();
        }

        static void Add(DataTable rows, SqliteDataReader reader)
        {
            if (rows.Columns.Count == 0)
                rows.Columns.AddRange([.. Enumerable.Range(0, reader.FieldCount).Select(i => new DataColumn(reader.GetName(i), typeof(object)))]);
            var values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Rows.Add(values);
        }
    }
}
