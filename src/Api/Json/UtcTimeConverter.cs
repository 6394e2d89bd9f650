using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionManager.Api.Json;

/// <summary>RFC 3339 (section 5.6): read with any offset, written in UTC, with a Z and milliseconds, always all three digits.</summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>What the message of a refused time says.</summary>
    internal const string Shape = "must be an RFC 3339 time like 2026-01-31T12:00:00Z";
    const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    const int MinLength = 20;
    const int MaxLength = 24;
    const int LongestText = 35;
    const int TimeMark = 10;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) && SaysAll(reader.GetString()!)
            ? time
            : throw new JsonException(Shape);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        value.UtcDateTime.TryFormat(text, out var length, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }

    /// <summary>The same of a query's text.</summary>
    internal static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        return text.Length is >= MinLength and <= LongestText && SaysAll(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    /// <summary>The framework also takes a day alone, or a time without offset for one of the server's own zone.</summary>
    static bool SaysAll(string text) =>
        text.Length >= MinLength && text[TimeMark] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-');
}
