namespace SessionManager.Cli;

/// <summary>All that a run reads and writes besides its arguments.</summary>
/// <param name="Variable">An environment variable's value.</param>
/// <param name="Interactive">Whether a person is at the keyboard; then passwords are read without showing them.</param>
public sealed record CommandContext(
    HttpMessageHandler Http,
    TextReader In,
    TextWriter Out,
    TextWriter Error,
    Func<string, string?> Variable,
    bool Interactive);

public static class ExitCode
{
    public const int Done = 0;

    /// <summary>The server said no.</summary>
    public const int Refused = 1;

    /// <summary>The command was not understood; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>The server did not accept the login, or not for this.</summary>
    public const int NotAllowed = 3;

    /// <summary>The server was not reached, or did not answer as this server does.</summary>
    public const int Unreachable = 4;
}

/// <summary>Ends the run with a sentence for the operator.</summary>
public sealed class CommandFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
