using System.Data.Common;
using SessionManager.Audit;

namespace SessionManager.Storage.Audit;

/// <summary>How an entry of the audit lies in its columns.</summary>
static class AuditColumns
{
    /// <summary>As <see cref="Read"/> expects them.</summary>
    public const string List = "at, actor, key_id, action, target, detail, address, request_id";

    /// <param name="first">The column of the query that is the first of <see cref="List"/>.</param>
    public static AuditEntry Read(DbDataReader reader, int first) => new(
        Instant.FromColumn(reader.GetInt64(first)),
        reader.Text(first + 1),
        reader.Text(first + 2),
        reader.GetString(first + 3),
        reader.Text(first + 4),
        reader.Text(first + 5),
        reader.Text(first + 6),
        reader.Text(first + 7));
}
