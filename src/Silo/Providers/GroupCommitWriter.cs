using System.Data;
using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SessionManager.Storage;

namespace SessionManager.Providers;

/// <summary>
/// The file's only writer: takes all the commands that wait into one transaction, and answers none before its commit is on
/// the disk. Within it each command stands or falls alone.
/// </summary>
sealed class GroupCommitWriter : IAsyncDisposable
{
    const int MaxBatch = 256;
    const int ConstraintViolated = 19;

    readonly SqliteFile file;
    readonly Channel<Write> queue = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    readonly Dictionary<string, SqliteCommand> prepared = [];
    readonly Task writing;
    SqliteConnection? connection;

    public GroupCommitWriter(SqliteFile file)
    {
        this.file = file;
        writing = Task.Run(Run);
    }

    /// <summary>Transactions committed so far.</summary>
    public long Commits { get; private set; }

    /// <summary>The command is only read from, and must stay as it is until the result is there.</summary>
    /// <returns>The rows of all its result sets, which are of one form.</returns>
    public Task<DbDataReader> Execute(SqliteCommand command)
    {
        var write = new Write(command);
        return queue.Writer.TryWrite(write)
            ? write.Result
            : Task.FromException<DbDataReader>(new ObjectDisposedException(nameof(GroupCommitWriter)));
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writing;
        Disconnect();
    }

    async Task Run()
    {
        var batch = new List<Write>();
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var write))
                batch.Add(write);
            try
            {
                Commit(batch);
            }
            catch (SqliteException exception)
            {
                // Whether it is on the disk is not known: the connection starts anew, and each grain reads again.
                Disconnect();
                foreach (var write in batch)
                    write.Failure = exception;
            }

            foreach (var write in batch)
                write.Complete();
            batch.Clear();
        }
    }

    void Commit(List<Write> batch)
    {
        connection ??= file.OpenWriter();
        using var transaction = connection.BeginTransaction();
        foreach (var write in batch)
        {
            try
            {
                Execute(connection, transaction, write);
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode == ConstraintViolated)
            {
                // SQLite has undone this one statement and nothing else.
                write.Failure = exception;
            }
        }

        transaction.Commit();
        Commits++;
    }

    void Execute(SqliteConnection connection, SqliteTransaction transaction, Write write)
    {
        if (!prepared.TryGetValue(write.Command.CommandText, out var command))
            prepared.Add(write.Command.CommandText, command = connection.CreateCommand());
        command.CommandText = write.Command.CommandText;
        command.Transaction = transaction;
        command.Parameters.Clear();
        foreach (SqliteParameter parameter in write.Command.Parameters)
            command.Parameters.AddWithValue(parameter.ParameterName, parameter.Value);
        using var reader = command.ExecuteReader();
        do
        {
            while (reader.Read())
                write.Add(reader);
        }
        while (reader.NextResult());
    }

    void Disconnect()
    {
        foreach (var command in prepared.Values)
            command.Dispose();
        prepared.Clear();
        connection?.Dispose();
        connection = null;
    }

    /// <summary>What one caller wrote, and the caller's wait for it.</summary>
    sealed class Write(SqliteCommand command)
    {
        readonly TaskCompletionSource<DbDataReader> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly List<object[]> rows = [];
        string[] columns = [];

        public SqliteCommand Command => command;
        public Exception? Failure { get; set; }
        public Task<DbDataReader> Result => result.Task;

        public void Add(SqliteDataReader reader)
        {
            if (rows.Count == 0)
                columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
            var values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(values);
        }

        /// <summary>After the commit, or never.</summary>
        public void Complete()
        {
            if (Failure is null)
                result.TrySetResult(Read());
            else
                result.TrySetException(Failure);
        }

        DataTableReader Read()
        {
            var table = new DataTable();
            foreach (var column in columns)
                table.Columns.Add(column, typeof(object));
            foreach (var row in rows)
                table.Rows.Add(row);
            return table.CreateDataReader();
        }
    }
}
