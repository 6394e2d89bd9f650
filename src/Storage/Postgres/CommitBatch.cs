using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;
using SessionManager.Sessions;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Postgres;

/// <summary>
/// The statements of one commit, prepared once and filled anew each time. They go to the server in one message and run in one
/// transaction there:
/// <list type="number">
/// <item>a shared advisory lock on each owner that the writes name;</item>
/// <item>the inserts, then the updates, of those rows whose owners still have the epochs named.</item>
/// </list>
/// A new owner takes the exclusive lock, raises its epoch and reads its rows (<see cref="PostgresSessionStore.TakeOwnership"/>). So
/// whoever has the lock first is done before the other looks: either these rows are committed before the new owner reads, or
/// the statement that checks the epochs sees the new one. That the lock is taken by a statement of its own, before the one that
/// checks, is the whole of the proof: what a statement sees is settled when it begins, so one that took the lock itself would check
/// epochs as they were before it waited.
/// </summary>
sealed class CommitBatch : IDisposable
{
    readonly NpgsqlBatch _batch;
    readonly RowSet<Fence> _owners = new(
    [
        new ArrayParameter<Fence, short>("kind", NpgsqlDbType.Smallint, fence => (short)fence.Kind),
        new ArrayParameter<Fence, string>("id", NpgsqlDbType.Text, fence => fence.Id),
    ]);

    readonly WriteStatement? _inserts;
    readonly WriteStatement? _updates;

    CommitBatch(NpgsqlConnection connection, bool withInserts, bool withUpdates)
    {
        _batch = new NpgsqlBatch(connection);
        var locks = new NpgsqlBatchCommand();
        locks.CommandText =
            $"""
            SELECT count(pg_advisory_xact_lock_shared(owner.hash))
            FROM (SELECT DISTINCT hashtextextended(id, kind) AS hash FROM {_owners.AddTo(locks)} AS named (kind, id) ORDER BY hash) AS owner
            """;
        _batch.BatchCommands.Add(locks);
        if (withInserts)
            _batch.BatchCommands.Add((_inserts = new WriteStatement(isNew: true)).Command);
        if (withUpdates)
            _batch.BatchCommands.Add((_updates = new WriteStatement(isNew: false)).Command);
    }

    public static async Task<CommitBatch> Prepare(NpgsqlConnection connection, bool withInserts, bool withUpdates)
    {
        var prepared = new CommitBatch(connection, withInserts, withUpdates);
        await prepared._batch.PrepareAsync().ConfigureAwait(false);
        return prepared;
    }

    /// <summary>Commits those of the writes that are not refused.</summary>
    /// <param name="writes">No two of one session.</param>
    /// <returns>The ids of the sessions written.</returns>
    /// <exception cref="PostgresException">Nothing was written.</exception>
    /// <exception cref="NpgsqlException">What was written is not known.</exception>
    public async Task<HashSet<string>> Commit(IReadOnlyList<PendingWrite> writes)
    {
        Fill(writes);
        var written = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await _batch.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.NextResultAsync().ConfigureAwait(false))
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
                written.Add(reader.GetString(0));
        }

        return written;
    }

    public void Dispose() => _batch.Dispose();

    void Fill(IReadOnlyList<PendingWrite> writes)
    {
        _owners.Clear();
        _inserts?.Clear();
        _updates?.Clear();
        foreach (var write in writes)
        {
            foreach (var fence in write.Fences)
                _owners.Add(fence);
            (write.IsNew ? _inserts : _updates)!.Add(write);
        }
    }
}
