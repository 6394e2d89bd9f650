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
        var message = field is null
            ? $"The body is not the JSON expected here{position}."
            : $"`{field}` is not a known member of the right type{position}.";
        return new Problem(
            new Refusal(ErrorCatalogue.MalformedRequest, message),
            field is null ? [] : [new FieldError(field, "is not known here, or has the wrong type")]);
    }
}
