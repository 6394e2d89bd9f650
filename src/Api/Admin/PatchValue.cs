using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionManager.Api.Admin;

/// <summary>A member of a change that can be left out (nothing changes), be null (the limit is taken away) or have a value.</summary>
public readonly record struct PatchValue<T>(bool IsGiven, T? Value)
    where T : struct;

/// <summary>Without this, a null and a missing member look the same.</summary>
public sealed class PatchValueConverter<T> : JsonConverter<PatchValue<T>>
    where T : struct
{
    public override bool HandleNull => true;

    public override PatchValue<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(true, reader.TokenType == JsonTokenType.Null ? null : JsonSerializer.Deserialize<T>(ref reader, options));

    public override void Write(Utf8JsonWriter writer, PatchValue<T> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Value, options);
}
