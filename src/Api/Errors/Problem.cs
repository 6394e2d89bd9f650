using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using SessionManager.Api.Json;
using SessionManager.Errors;

namespace SessionManager.Api.Errors;

/// <summary>
/// Every error this server answers with (RFC 9457), made of a <see cref="Refusal"/> and what the catalogue says of its code.
/// The usage errors have the shape the published client parses, without <c>detail</c>. Ours, because the
/// framework's problem details put their own <c>type</c> and <c>traceId</c> in, and have no catalogue behind them.
/// </summary>
public sealed class Problem : IResult
{
    public const string ContentType = "application/problem+json";
    const int DefaultRetryAfterSeconds = 1;

    readonly Refusal _refusal;
    readonly ErrorKind _kind;
    readonly ImmutableArray<FieldError> _fields;

    public Problem(Refusal refusal, ImmutableArray<FieldError> fields = default)
    {
        _refusal = refusal;
        _fields = fields;
        _kind = ErrorCatalogue.Find(refusal.Code);
    }

    public int Status => _kind.Status;

    public static implicit operator Problem(Refusal refusal) => new(refusal);

    public static Problem Of(string code, string? message = null) => new(new Refusal(code, message));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        httpContext.Features.Set(_kind);
        response.StatusCode = _kind.Status;
        if (RetryAfterSeconds is { } seconds)
            response.Headers[HeaderNames.RetryAfter] = seconds.ToString(CultureInfo.InvariantCulture);
        return response.WriteAsJsonAsync(Body(httpContext.TraceIdentifier), ApiJson.Wire.ProblemBody, ContentType);
    }

    /// <summary>The body alone, for an answer that is not made of the framework's parts.</summary>
    public byte[] ToJson(string requestId) => JsonSerializer.SerializeToUtf8Bytes(Body(requestId), ApiJson.Wire.ProblemBody);

    int? RetryAfterSeconds => _refusal.RetryAfterSeconds
        ?? (_kind.Code is ErrorCatalogue.Unavailable or ErrorCatalogue.NoStreamer or ErrorCatalogue.IdempotencyInFlight
            ? DefaultRetryAfterSeconds
            : null);

    internal ProblemBody Body(string requestId)
    {
        var body = new ProblemBody
        {
            Type = $"/docs#{_kind.Code}",
            Title = _kind.Title,
            Status = _kind.Status,
            Code = _kind.Code,
            RequestId = requestId,
            Errors = _fields.IsDefaultOrEmpty ? null : _fields,
        };
        return IsUsageError
            ? body with
            {
                Error = _kind.Code,
                Message = What,
                Action = Action,
                Details = _refusal.Details ?? new UsageDetails(),
            }
            : body with { Detail = $"{Sentence(What)} {Action}" };
    }

    string Action => _refusal.Action ?? _kind.Action;

    string What => string.IsNullOrEmpty(_refusal.Message) ? _kind.Title : _refusal.Message;

    /// <summary>People write reasons without a full stop.</summary>
    static string Sentence(string text) => text[^1] is '.' or '!' or '?' ? text : $"{text}.";

    bool IsUsageError => _kind.Code is ErrorCatalogue.ConcurrentLimit or ErrorCatalogue.MonthlyLimit
        or ErrorCatalogue.AccountSuspended or ErrorCatalogue.RateLimited or ErrorCatalogue.StreamDuration;
}

/// <summary>One value that is not allowed.</summary>
/// <param name="Field">The body's, query's or path's own name for it.</param>
public sealed record FieldError(string Field, string Message);

/// <summary>A problem as it goes over the wire; what does not apply is left out.</summary>
public sealed record ProblemBody
{
    public required string Type { get; init; }
    public required string Title { get; init; }
    public required int Status { get; init; }
    public string? Detail { get; init; }
    public required string Code { get; init; }
    public required string RequestId { get; init; }
    public ImmutableArray<FieldError>? Errors { get; init; }
    public string? Error { get; init; }
    public string? Message { get; init; }
    public string? Action { get; init; }
    public UsageDetails? Details { get; init; }
}
