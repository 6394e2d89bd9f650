using System.Text.Json.Serialization;
using SessionManager.Client;

namespace SessionManager.Cli;

/// <summary>What <c>--json</c> prints, as the server has it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(Page<Session>))]
sealed partial class CliJson : JsonSerializerContext;
