namespace SessionManager.Console.Parts;

/// <summary>What a state's shape and colour say of it.</summary>
public enum MarkKind
{
    /// <summary>Runs as it should: a filled check, green.</summary>
    Live,

    /// <summary>Runs, and wants to be looked at: a check with a triangle at its foot, amber.</summary>
    Warning,

    /// <summary>Has not begun, or nobody knows: a dashed circle, blue.</summary>
    Starting,

    /// <summary>Ended well: a hollow stop, grey.</summary>
    Ended,

    /// <summary>Broken: a filled cross, red.</summary>
    Failed,

    /// <summary>Held on purpose: a pause, amber.</summary>
    Paused,
}
