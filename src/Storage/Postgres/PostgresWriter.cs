using System.Threading.Channels;
using Npgsql;

namespace SessionManager.Storage.Postgres;

/// <summary>
/// All writes of this process, on a connection of their own. What waits when a commit is through goes together into the next: no
/// write waits for company, and none waits for more than one commit that it is not part of.
/// </summary>
sealed class PostgresWriter : IAsyncDisposable
{
    const int MaxBatch = 256;
    const int MaxWaiting = 8_192;

    /// <summary>
    /// The statements join a few rows to large tables by their keys. Other plans would be right for none of them, and to plan anew
    /// or to compile would cost more than the statement.
    /// </summary>
    const string Settings =
        """
        SET enable_hashjoin = off;
        SET enable_mergejoin = off;
        SET enable_seqscan = off;
        SET plan_cache_mode = force_generic_plan;
        SET jit = off
        """;

    readonly string connectionString;
    readonly Channel<PendingWrite> queue = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    readonly Dictionary<(bool Inserts, bool Updates), CommitBatch> prepared = [];
    readonly HashSet<string> sessions = new(StringComparer.Ordinal);
    readonly Task writing;
    NpgsqlConnection? connection;

    public PostgresWriter(string connectionString)
    {
        this.connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, MaxAutoPrepare = 0 }.ToString();
        writing = Task.Run(WriteWhatWaits);
    }

    /// <summary>Transactions committed so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Whether it was written; false: it was refused. Where the queue is full, waits for room first.</summary>
    /// <exception cref="ObjectDisposedException">The writer has stopped; nothing was written.</exception>
    public async Task<bool> Write(PendingWrite write)
    {
        try
        {
            await queue.Writer.WriteAsync(write).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(PostgresWriter));
        }

        return await write.Written.ConfigureAwait(false);
    }

    /// <summary>What was queued is still written; what comes later is refused.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writing;
        await Disconnect();
    }

    async Task WriteWhatWaits()
    {
        var batch = new List<PendingWrite>();
        while (await queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            Take(batch);
            await Commit(batch).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// One write of a session a commit: of two that were decided on the same version the first is written, and the second refused
    /// when it is there.
    /// </summary>
    void Take(List<PendingWrite> batch)
    {
        batch.Clear();
        sessions.Clear();
        while (batch.Count < MaxBatch && queue.Reader.TryPeek(out var write) && sessions.Add(write.SessionId) && queue.Reader.TryRead(out _))
            batch.Add(write);
        // In one order everywhere, so that two writers of one row wait for one another and never each for the other.
        batch.Sort((one, other) => string.CompareOrdinal(one.SessionId, other.SessionId));
    }

    async Task Commit(List<PendingWrite> writes)
    {
        try
        {
            var batch = await Prepared(writes).ConfigureAwait(false);
            var written = await batch.Commit(writes).ConfigureAwait(false);
            Commits++;
            foreach (var write in writes)
                write.Complete(written.Contains(write.SessionId));
        }
        catch (PostgresException exception) when (writes.Count > 1 && NothingWritten(exception))
        {
            // One of them is to blame, and must not take the others with it.
            foreach (var write in writes)
                await Commit([write]).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (writes is [{ IsNew: true }] && IsDuplicate(exception))
        {
            writes[0].Complete(false);
        }
        catch (Exception exception)
        {
            // Where the connection broke, whether it is written is not known. Whoever reads again finds out.
            if (exception is not PostgresException || connection?.FullState != System.Data.ConnectionState.Open)
                await Disconnect().ConfigureAwait(false);
            foreach (var write in writes)
                write.Fail(exception);
        }
    }

    async ValueTask<CommitBatch> Prepared(List<PendingWrite> writes)
    {
        if (connection is null)
        {
            var opened = new NpgsqlConnection(connectionString);
            try
            {
                await opened.OpenAsync().ConfigureAwait(false);
                await using var settings = new NpgsqlCommand(Settings, opened);
                await settings.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
            catch
            {
                await opened.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            connection = opened;
        }

        var kinds = (writes.Exists(write => write.IsNew), writes.Exists(write => !write.IsNew));
        if (!prepared.TryGetValue(kinds, out var batch))
            prepared.Add(kinds, batch = await CommitBatch.Prepare(connection, kinds.Item1, kinds.Item2).ConfigureAwait(false));
        return batch;
    }

    async ValueTask Disconnect()
    {
        foreach (var batch in prepared.Values)
            batch.Dispose();
        prepared.Clear();
        if (connection is not null)
            await connection.DisposeAsync();
        connection = null;
    }

    /// <summary>Bad values, a duplicate, or a deadlock: the server says that the transaction is undone.</summary>
    static bool NothingWritten(PostgresException exception) => exception.SqlState[..2] is "22" or "23" or "40" or "54";

    static bool IsDuplicate(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "sessions" };
}
