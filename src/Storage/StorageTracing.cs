using System.Diagnostics;

namespace SessionManager.Storage;

/// <summary>
/// What a caller waits for when it writes a session. The database's own spans would be of the first caller's trace alone, as one commit
/// is many callers'.
/// </summary>
public static class StorageTracing
{
    public const string SourceName = "SessionManager.Storage";

    static readonly ActivitySource Source = new(SourceName);

    /// <summary>null where nobody listens.</summary>
    internal static Activity? StartWrite(bool isNew) =>
        Source.StartActivity(isNew ? "INSERT sessions" : "UPDATE sessions", ActivityKind.Client)?.SetTag("db.system.name", "postgresql");

    /// <param name="size">How many writes went into the commit.</param>
    internal static void SetBatch(this Activity activity, int size) => activity.SetTag("db.operation.batch.size", size);
}
