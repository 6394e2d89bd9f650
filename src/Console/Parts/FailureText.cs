using SessionManager.Client;

namespace SessionManager.Console.Parts;

/// <summary>What went wrong, in a sentence for whoever looks at the page.</summary>
static class FailureText
{
    public static string Of(Exception failure) => failure switch
    {
        SessionManagerApiException { Code: "api_keys_disabled" } => "API keys are not enabled for your account. An administrator can enable them.",
        SessionManagerApiException { Errors.Count: > 0 } refusal => string.Join(" ", refusal.Errors.Select(error => $"{error.Field} {error.Message}.")),
        SessionManagerApiException refusal when refusal.RetryAfter is { } wait => $"{refusal.Message} {Wait(wait)}",
        SessionManagerApiException refusal => refusal.Message,
        SessionManagerConnectionException => "The server did not answer. Nothing you typed is lost; try again in a moment.",
        _ => "Something in this page went wrong.",
    };

    /// <summary>What to name when it is reported; null where the server did not answer.</summary>
    public static string? Request(Exception failure) => (failure as SessionManagerApiException)?.RequestId;

    static string Wait(TimeSpan wait) => $"It can be tried again in {Spans.Text(wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait)}.";
}
