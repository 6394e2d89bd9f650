using System.Data.Common;

namespace SessionManager.Storage;

/// <summary>Columns that may be NULL.</summary>
static class Reading
{
    public static string? Text(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static long? Number(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static DateTimeOffset? Time(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : Instant.FromColumn(reader.GetInt64(column));
}
