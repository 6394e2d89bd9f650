using System.Globalization;
using Dapper;
using SessionManager.Storage.Changes;

namespace SessionManager.Storage.Postgres;

/// <summary>
/// Events in the order of their transactions. Those of a transaction that is still open may yet appear, so nothing is shown from
/// the oldest open one on.
/// </summary>
sealed class PostgresChangeFeed(IDatabase database) : ChangeFeed(database)
{
    protected override string NewestEvent => "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    protected override (string Sql, DynamicParameters Values) Following(Cursor after)
    {
        // The session's id has no colon in it.
        var colon = after.Text.LastIndexOf(':');
        var seq = 0;
        if (after.Text.Length > 0
            && (colon < 0 || !int.TryParse(after.Text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out seq)))
            throw new FormatException("This is no cursor of this list.");
        return (
            """
            e.transaction_id::text::bigint AS place FROM session_events e
            WHERE (e.transaction_id, e.session_id, e.seq) > (CAST(@transaction AS xid8), @session, @seq)
                AND e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY e.transaction_id, e.session_id, e.seq
            """,
            new DynamicParameters(new
            {
                transaction = after.Number.ToString(CultureInfo.InvariantCulture),
                session = colon < 0 ? "" : after.Text[..colon],
                seq,
            }));
    }

    protected override Cursor Place(long place, string sessionId, int seq) =>
        new('e', place, string.Create(CultureInfo.InvariantCulture, $"{sessionId}:{seq}"));
}
