using Npgsql;
using NpgsqlTypes;
using SessionManager.Sessions;
using SessionManager.Storage.Sessions;

namespace SessionManager.Storage.Postgres;

/// <summary>
/// One statement that inserts, or updates, many sessions with their events and usage, and returns the ids of those it wrote. What
/// names an epoch that has moved, and an update of another version, is left out, with all that belongs to it.
/// </summary>
sealed class WriteStatement
{
    readonly RowSet<(long Ordinal, Fence Fence)> _fences = new(
    [
        new ArrayParameter<(long Ordinal, Fence Fence), long>("ordinal", NpgsqlDbType.Bigint, one => one.Ordinal),
        new ArrayParameter<(long Ordinal, Fence Fence), short>("kind", NpgsqlDbType.Smallint, one => (short)one.Fence.Kind),
        new ArrayParameter<(long Ordinal, Fence Fence), string>("id", NpgsqlDbType.Text, one => one.Fence.Id),
        new ArrayParameter<(long Ordinal, Fence Fence), long>("epoch", NpgsqlDbType.Bigint, one => one.Fence.Epoch),
    ]);

    readonly RowSet<SessionRow> _rows = new([.. SessionColumns.All.Select(column => column.NewArray())]);

    readonly RowSet<(SessionRow Row, SessionEvent Event)> _events = new(
    [
        new ArrayParameter<(SessionRow Row, SessionEvent Event), string>("session_id", NpgsqlDbType.Text, one => one.Row.SessionId),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), int>("seq", NpgsqlDbType.Integer, one => one.Event.Seq),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), string>("account_id", NpgsqlDbType.Text, one => one.Row.AccountId),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), long>("at", NpgsqlDbType.Bigint, one => Instant.ToColumn(one.Event.At)),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), string>("type", NpgsqlDbType.Text, one => one.Event.Type),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), string?>("node_id", NpgsqlDbType.Text, one => one.Event.NodeId),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), string?>("connection_id", NpgsqlDbType.Text, one => one.Event.ConnectionId),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), string?>("detail", NpgsqlDbType.Text, one => one.Event.Detail),
        new ArrayParameter<(SessionRow Row, SessionEvent Event), long?>(
            "streamed_ms", NpgsqlDbType.Bigint, one => Streamed.ToColumn(one.Event.StreamedSeconds)),
    ]);

    readonly RowSet<(SessionRow Row, UsageEntry Usage)> _usage = new(
    [
        new ArrayParameter<(SessionRow Row, UsageEntry Usage), string>("session_id", NpgsqlDbType.Text, one => one.Row.SessionId),
        new ArrayParameter<(SessionRow Row, UsageEntry Usage), string>("account_id", NpgsqlDbType.Text, one => one.Row.AccountId),
        new ArrayParameter<(SessionRow Row, UsageEntry Usage), string>("day", NpgsqlDbType.Text, one => Day.ToColumn(one.Usage.Day)),
        new ArrayParameter<(SessionRow Row, UsageEntry Usage), long>("milliseconds", NpgsqlDbType.Bigint, one => one.Usage.Milliseconds),
        new ArrayParameter<(SessionRow Row, UsageEntry Usage), long>("sessions", NpgsqlDbType.Bigint, one => one.Usage.Sessions),
    ]);

    long _count;

    public WriteStatement(bool isNew)
    {
        // IS TRUE keeps the planner from making a join of it: without hash joins that would compare each event with each row.
        const string ofAWrittenRow = "(given.session_id IN (SELECT session_id FROM written)) IS TRUE";
        Command.CommandText =
            $"""
            WITH moved AS (
                SELECT named.ordinal FROM {_fences.AddTo(Command)} AS named ({_fences.Names})
                WHERE NOT EXISTS (SELECT FROM owners WHERE owners.kind = named.kind AND owners.id = named.id AND owners.epoch = named.epoch)
            ), written AS (
                {(isNew ? Insert() : Update())}
                RETURNING sessions.session_id
            ), timeline AS (
                INSERT INTO session_events ({_events.Names})
                SELECT * FROM {_events.AddTo(Command)} AS given ({_events.Names}) WHERE {ofAWrittenRow}
            ){(isNew ? "" : AddUsage(ofAWrittenRow))}
            SELECT session_id FROM written
            """;
    }

    public NpgsqlBatchCommand Command { get; } = new();

    public void Add(PendingWrite write)
    {
        _count++;
        foreach (var fence in write.Fences)
            _fences.Add((_count, fence));
        _rows.Add(write.Change.Row);
        foreach (var one in write.Change.Events)
            _events.Add((write.Change.Row, one));
        foreach (var entry in write.Change.Usage)
            _usage.Add((write.Change.Row, entry));
    }

    public void Clear()
    {
        _count = 0;
        _fences.Clear();
        _rows.Clear();
        _events.Clear();
        _usage.Clear();
    }

    string Insert() =>
        $"""
        INSERT INTO sessions ({_rows.Names})
        SELECT {_rows.Names} FROM {_rows.AddTo(Command)} WITH ORDINALITY AS given ({_rows.Names}, ordinal)
        WHERE given.ordinal NOT IN (SELECT ordinal FROM moved)
        """;

    string Update() =>
        $"""
        UPDATE sessions SET {string.Join(", ", SessionColumns.Updated.Select(column => $"{column.Name} = given.{column.Name}"))}
        FROM {_rows.AddTo(Command)} WITH ORDINALITY AS given ({_rows.Names}, ordinal)
        WHERE sessions.session_id = given.session_id AND sessions.version = given.version - 1
            AND given.ordinal NOT IN (SELECT ordinal FROM moved)
        """;

    string AddUsage(string ofAWrittenRow) =>
        $"""
        , used AS (
            INSERT INTO usage (account_id, day, milliseconds, sessions)
            SELECT account_id, day, sum(milliseconds), sum(sessions) FROM {_usage.AddTo(Command)} AS given ({_usage.Names})
            WHERE {ofAWrittenRow}
            GROUP BY account_id, day ORDER BY account_id, day
            ON CONFLICT (account_id, day) DO UPDATE SET
                milliseconds = usage.milliseconds + excluded.milliseconds, sessions = usage.sessions + excluded.sessions
        )
        """;
}
