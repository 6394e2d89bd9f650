using SessionManager.Console.Parts;

namespace SessionManager.Console.Sessions;

/// <summary>What happens to a session, in words and shapes.</summary>
static class EventTexts
{
    public static string Of(string type) => type switch
    {
        "minted" => "Minted",
        "token_issued" => "Token issued",
        "token_expired" => "Token expired",
        "connected" => "Connected",
        "connect_refused" => "Connect refused",
        "connection_lost" => "Connection lost",
        "moved" => "Moved to another node",
        "dropped" => "Dropped",
        _ => type.Length == 0 ? type : char.ToUpperInvariant(type[0]) + type[1..].Replace('_', ' '),
    };

    public static MarkKind Kind(string type) => type switch
    {
        "connected" => MarkKind.Live,
        "connect_refused" or "token_expired" or "moved" => MarkKind.Warning,
        "connection_lost" => MarkKind.Failed,
        "dropped" => MarkKind.Ended,
        _ => MarkKind.Starting,
    };
}
