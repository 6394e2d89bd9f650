namespace SessionManager.Storage.Migration;

/// <summary>What the tables are called in the statements of a migration.</summary>
/// <param name="New">Before the names of this version's tables.</param>
/// <param name="Journal">Before the names of those of the earlier version's journal.</param>
/// <param name="Records">The table of grains' records, with its columns.</param>
sealed record OldNames(string New, string Journal, string Records, string Type, string Key, string Payload, string Version)
{
    /// <summary>Orleans' file is the one that is open; ours and the journal's are attached.</summary>
    public static OldNames Sqlite { get; } = new("target.", "journal.", "OrleansStorage", "GrainType", "GrainKey", "Payload", "Version");

    /// <summary>The journal's tables had the names that ours have now, and are moved out of the way first.</summary>
    public static OldNames Postgres { get; } = new("", "earlier_", "grain_state", "type_name", "id_text", "payload", "version");
}
