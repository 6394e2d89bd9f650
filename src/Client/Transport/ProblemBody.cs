namespace SessionManager.Client;

/// <summary>Every refusal's body (RFC 9457), a usage error's members among them.</summary>
sealed record ProblemBody(
    string? Code,
    string? Title,
    string? Detail,
    string? Message,
    string? Action,
    string? ActionUrl,
    string? RequestId,
    IReadOnlyList<FieldError>? Errors,
    UsageErrorDetails? Details);

/// <summary>All that a usage error's <c>details</c> can have.</summary>
sealed record UsageErrorDetails(
    int? ActiveCount,
    int? Limit,
    double? UsedHours,
    double? LimitHours,
    DateTimeOffset? ResetDate,
    string? Reason,
    int? RetryAfterSeconds,
    int? MaxDurationSeconds);
