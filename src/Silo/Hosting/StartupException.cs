namespace SessionManager.Hosting;

/// <summary>What keeps the process from starting, in words for whoever started it: one line each, no stack trace.</summary>
public sealed class StartupException : Exception
{
    public StartupException(params IEnumerable<string> lines) : base(string.Join(Environment.NewLine, lines)) => Lines = [.. lines];

    public StartupException(string line, Exception cause) : base(line, cause) => Lines = [line];

    public IReadOnlyList<string> Lines { get; }
}
