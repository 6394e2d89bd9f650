using SessionManager.Client;

namespace SessionManager.Console.Parts;

/// <summary>What the server said of one field.</summary>
static class FieldErrors
{
    public static string? Of(Exception? failure, string field) => failure is SessionManagerApiException refusal
        && refusal.Errors.FirstOrDefault(error => error.Field == field) is { } found
            ? Sentence(found.Message)
            : null;

    static string Sentence(string message) => message.Length == 0 ? message : char.ToUpperInvariant(message[0]) + message[1..] + ".";
}
