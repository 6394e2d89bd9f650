namespace SessionManager.Compare;

/// <summary>A server under measurement: one process, or several that answer as one.</summary>
interface IMeasured
{
    /// <summary>Where it answers; callers take them in turn.</summary>
    IReadOnlyList<Uri> Addresses { get; }

    /// <summary>API keys that may mint, an account each, a line a key.</summary>
    string KeysFile { get; }

    /// <summary>Spent so far, on all processors together.</summary>
    TimeSpan ProcessorTime { get; }
}
