using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using SessionManager.Storage;

namespace SessionManager.Providers;

/// <summary>
/// What Orleans' ADO.NET providers get instead of plain connections. SQLite has one writer at a time, and each commit waits for
/// the disk: 64 grains that each open a connection and write would queue for a lock by polling. Here reads go straight to
/// the file, and writes to one <see cref="GroupCommitWriter"/>, which makes one commit of all that wait.
/// </summary>
sealed class GroupCommitDataSource(SqliteFile file) : DbDataSource
{
    readonly GroupCommitWriter writer = new(file);
    readonly string connectionString = file.Connection().ConnectionString;

    public long Commits => writer.Commits;

    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection() => new Lane(writer, connectionString);

    protected override async ValueTask DisposeAsyncCore()
    {
        await writer.DisposeAsync();
        await base.DisposeAsyncCore();
    }

    /// <summary>Opens the file only when something is read.</summary>
    sealed class Lane(GroupCommitWriter writer, string connectionString) : SqliteConnection(connectionString)
    {
        public override void Open()
        {
        }

        public override Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override SqliteCommand CreateCommand() => new LaneCommand(writer) { Connection = this };

        public void OpenToRead() => base.Open();
    }

    sealed class LaneCommand(GroupCommitWriter writer) : SqliteCommand
    {
        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
        {
            if (!CommandText.TrimStart().StartsWith("SELECT", StringComparison.Ordinal))
                return await writer.Execute(this);
            ((Lane)Connection!).OpenToRead();
            return await base.ExecuteDbDataReaderAsync(behavior, cancellationToken);
        }
    }
}
