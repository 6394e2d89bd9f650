using System.Collections.Immutable;
using System.Data.Common;
using SessionManager.Sessions;

namespace SessionManager.Storage.Sessions;

/// <summary>
/// The few columns of a live row that its account and its node keep in memory. They read all of their rows at a time: whole rows would be
/// four times the work.
/// </summary>
sealed class HeldRow
{
    public const string Columns =
        "session_id, version, node_id, key_id, idempotency_key, state, holds_until, next_deadline, connection_since, streamed_ms";

    /// <summary>An owner's sessions share a few keys and nodes, whose names are kept once and not with each session.</summary>
    readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public static async Task<ImmutableArray<SessionReport>> ReadAll(DbDataReader reader, CancellationToken cancellation)
    {
        var rows = ImmutableArray.CreateBuilder<SessionReport>();
        var one = new HeldRow();
        while (await reader.ReadAsync(cancellation))
            rows.Add(one.Read(reader));
        return rows.DrainToImmutable();
    }

    public SessionReport Read(DbDataReader reader) => new()
    {
        SessionId = reader.GetString(0),
        Version = reader.GetInt64(1),
        NodeId = Once(reader.GetString(2)),
        KeyId = reader.Text(3) is { } key ? Once(key) : null,
        IdempotencyKey = reader.Text(4),
        State = WireNames<SessionState>.Parse(reader.GetString(5)),
        HoldsUntil = reader.Time(6),
        NextDeadline = reader.Time(7),
        ConnectionSince = reader.Time(8),
        StreamedMilliseconds = reader.GetInt64(9),
    };

    string Once(string name)
    {
        if (_names.TryGetValue(name, out var known))
            return known;
        _names.Add(name, name);
        return name;
    }
}
