using System.Collections.Immutable;
using SessionManager.Api.Errors;
using SessionManager.Api.Json;
using SessionManager.Errors;

namespace SessionManager.Api.Validation;

/// <summary>
/// Collects what is wrong with a request, each with its field's name, so that a caller learns everything at once. Checks say
/// what is allowed and never repeat the value they refuse. Ours, because the framework's validation (<c>AddValidation</c>) answers 400 in a
/// shape of its own, names members as C# does, and knows neither settings, as a password's length, nor what two members must be to each other.
/// </summary>
public sealed class Validator
{
    ImmutableArray<FieldError>.Builder? _errors;

    /// <summary>422 with every error, or null where there is none.</summary>
    public Problem? Problem => _errors is null
        ? null
        : new Problem(
            new Refusal(ErrorCatalogue.InvalidValue, string.Join("; ", _errors.Select(error => $"`{error.Field}` {error.Message}")) + "."),
            _errors.ToImmutable());

    public bool That(bool ok, string field, string message)
    {
        if (!ok)
            (_errors ??= ImmutableArray.CreateBuilder<FieldError>()).Add(new FieldError(field, message));
        return ok;
    }

    public bool Required([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] object? value, string field) =>
        That(value is not null, field, "is required");

    /// <summary>Required, 1 to <paramref name="maxLength"/> characters, none of them a control character.</summary>
    public bool Text([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? value, string field, int maxLength) =>
        Required(value, field) && That(
            ((string)value).Length is > 0 && ((string)value).Length <= maxLength && !((string)value).Any(char.IsControl),
            field,
            $"must have 1 to {maxLength} characters and no control characters");

    /// <summary>Of a query: <c>true</c> or <c>false</c>; left out: false.</summary>
    public bool Flag(string? text, string field) => That(text is null or "true" or "false", field, "must be true or false") && text == "true";

    /// <summary>Of a query: an RFC 3339 time; null where it is left out.</summary>
    public DateTimeOffset? Instant(string? text, string field)
    {
        var time = default(DateTimeOffset);
        return That(text is null || UtcTimeConverter.TryParse(text, out time), field, UtcTimeConverter.Shape) && text is not null ? time : null;
    }

    public bool Range(int? value, string field, int min, int max) =>
        That(value is null || (value >= min && value <= max), field, $"must be {min} to {max}");

    public bool Range(double? value, string field, double min, double max) =>
        That(value is null || (value >= min && value <= max), field, $"must be {min} to {max}");

    /// <summary>An absolute address of one of the schemes, of at most 2,048 characters.</summary>
    public bool Address(string? value, string field, params ReadOnlySpan<string> schemes) =>
        That(
            value is null || (value.Length <= 2048 && Uri.TryCreate(value, UriKind.Absolute, out var uri)
                && schemes.Contains(uri.Scheme) && uri.UserInfo.Length == 0),
            field,
            $"must be an absolute address ({string.Join(", ", schemes)}) of at most 2048 characters");
}
