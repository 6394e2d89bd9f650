using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionManager.Client;

/// <summary>A user and the account of the same id.</summary>
/// <param name="Id">The id of both.</param>
/// <param name="Username">What the user logs in with.</param>
/// <param name="CreatedAt">When the user was made.</param>
/// <param name="IsAdmin">Whether the user administers the server.</param>
/// <param name="ApiKeysEnabled">Whether the user's keys open anything. An administrator's always do.</param>
/// <param name="Suspended">Whether the account can do nothing.</param>
/// <param name="Reason">Why it is suspended.</param>
/// <param name="MaxConcurrent">Sessions open at a time.</param>
/// <param name="MonthlyHours">Hours that may be streamed in a calendar month (UTC); <see langword="null"/>: no limit.</param>
/// <param name="MaxStreamSeconds">Seconds that one stream may last; <see langword="null"/>: no limit.</param>
/// <param name="ActiveCount">Sessions open now.</param>
public sealed record User(
    string Id,
    string Username,
    DateTimeOffset CreatedAt,
    bool IsAdmin,
    bool ApiKeysEnabled,
    bool Suspended,
    string? Reason,
    int MaxConcurrent,
    double? MonthlyHours,
    int? MaxStreamSeconds,
    int ActiveCount);

/// <summary>What to change of a user; what is left out stays as it is.</summary>
public sealed class UpdateUserOptions
{
    /// <summary>Off stops all the user's keys at once, and deletes none.</summary>
    public bool? ApiKeysEnabled { get; init; }

    /// <summary>Sessions open at a time, from 0.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>Hours a calendar month (UTC), or <see cref="Limit.None"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Limit MonthlyHours { get; init; }

    /// <summary>Seconds a stream may last, or <see cref="Limit.None"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Limit MaxStreamSeconds { get; init; }

    /// <summary>A suspended account can do nothing, its sessions are dropped and its logins ended.</summary>
    public bool? Suspended { get; init; }

    /// <summary>Why it is suspended, at most 500 characters; the user is told.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the user administers the server. There is always one who does.</summary>
    public bool? IsAdmin { get; init; }

    /// <summary>A new password ends every login made with the old one.</summary>
    public string? Password { get; init; }
}

/// <summary>A limit to be set, to be taken away (<see cref="None"/>), or, where nothing is said, to be left as it is.</summary>
[JsonConverter(typeof(LimitConverter))]
public readonly record struct Limit
{
    Limit(double? value) => (IsGiven, Value) = (true, value);

    /// <summary>No limit from here on.</summary>
    public static Limit None { get; } = new(null);

    /// <summary>Whether anything is to change.</summary>
    public bool IsGiven { get; }

    /// <summary>The limit; <see langword="null"/>: there is none.</summary>
    public double? Value { get; }

    /// <summary>The limit <paramref name="value"/>, or <see cref="None"/> where it is <see langword="null"/>.</summary>
    public static Limit FromNullable(double? value) => new(value);

    /// <summary>The limit <paramref name="value"/>.</summary>
    public static Limit FromDouble(double value) => new(value);

    /// <summary>The limit <paramref name="value"/>.</summary>
    public static implicit operator Limit(double value) => new(value);
}

/// <summary>Only asked where a limit is given: what is left out is not written at all.</summary>
sealed class LimitConverter : JsonConverter<Limit>
{
    public override Limit Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, Limit value, JsonSerializerOptions options)
    {
        if (value.Value is { } limit)
            writer.WriteNumberValue(limit);
        else
            writer.WriteNullValue();
    }
}
