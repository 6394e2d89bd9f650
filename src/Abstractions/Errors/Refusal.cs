using Orleans;

namespace SessionManager.Errors;

/// <summary>
/// A "no" with its reason. <see cref="Code"/> is one of <see cref="ErrorCatalogue"/>'s; the catalogue knows the HTTP status
/// and the standing text, a refusal only what is particular to this one.
/// </summary>
/// <param name="Code">A code of <see cref="ErrorCatalogue"/>.</param>
/// <param name="Message">What is wrong here, where the standing text does not say it well enough.</param>
/// <param name="RetryAfterSeconds">Where waiting helps: whole seconds, at least 1.</param>
/// <param name="Details">The members of a usage error's <c>details</c>.</param>
/// <param name="Action">What the caller can do about it, where the standing text would mislead.</param>
[GenerateSerializer, Immutable, Alias("refusal")]
public sealed record Refusal(
    [property: Id(0)] string Code,
    [property: Id(1)] string? Message = null,
    [property: Id(2)] int? RetryAfterSeconds = null,
    [property: Id(3)] UsageDetails? Details = null,
    [property: Id(4)] string? Action = null);

/// <summary>The union of all usage errors' details; what does not belong to a code stays null and off the wire.</summary>
[GenerateSerializer, Immutable, Alias("usage-details")]
public sealed record UsageDetails
{
    [Id(0)] public int? ActiveCount { get; init; }
    [Id(1)] public int? Limit { get; init; }
    [Id(2)] public double? UsedHours { get; init; }
    [Id(3)] public double? LimitHours { get; init; }
    [Id(4)] public DateTimeOffset? ResetDate { get; init; }
    [Id(5)] public string? Reason { get; init; }
    [Id(6)] public int? RetryAfterSeconds { get; init; }
    [Id(7)] public int? MaxDurationSeconds { get; init; }
}

/// <summary>Either a value or the reason there is none.</summary>
[GenerateSerializer, Immutable, Alias("result`1")]
public readonly record struct Result<T>([property: Id(0)] T? Value, [property: Id(1)] Refusal? Refusal)
{
    public bool Ok => Refusal is null;

    public static implicit operator Result<T>(T value) => new(value, null);
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);
}
