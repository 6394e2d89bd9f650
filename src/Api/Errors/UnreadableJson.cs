using System.Text.Json;
using SessionManager.Errors;

namespace SessionManager.Api.Errors;

/// <summary>Says where a body's JSON cannot be read, in the caller's terms: no type name of ours leaves the server.</summary>
static class UnreadableJson
{
    public static Problem Explain(JsonException exception)
    {
        var field = exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
        var position = exception is { LineNumber: { } line, BytePositionInLine: { } column }
            ? $" (line {line + 1}, byte {column + 1})"
            : "";
        if (field is null)
            return new Problem(new Refusal(ErrorCatalogue.MalformedRequest, $"The body is not the JSON expected here{position}."));
        var wrong = WhatIsWrong($"{exception.Message} {exception.InnerException?.Message}");
        return new Problem(
            new Refusal(ErrorCatalogue.MalformedRequest, $"`{field}` {wrong}{position}.", Action: "Correct it and send the request again."),
            [new FieldError(field, wrong)]);
    }

    /// <summary>The framework says it in its own types' names.</summary>
    static string WhatIsWrong(string message)
    {
        return message switch
        {
            _ when message.StartsWith("must ", StringComparison.Ordinal) => message.TrimEnd(),
            _ when Says("could not be mapped") => "is not known here",
            _ when Says("Duplicate property") => "is there twice",
            _ when !Says("could not be converted") => "is not the JSON expected here",
            _ when Says("as a boolean") => "must be true or false",
            _ when Says("as a string") => "must be a text",
            _ when Says("Dictionary") => "must be an object",
            _ when Says("ImmutableArray") => "must be a list",
            _ when Says("System.Int32") || Says("System.Int64") => "must be a whole number",
            _ when Says("System.Double") => "must be a number",
            _ when Says("System.Boolean") => "must be true or false",
            _ when Says("System.String") => "must be a text",
            _ => "must be an object",
        };

        bool Says(string text) => message.Contains(text, StringComparison.Ordinal);
    }
}
