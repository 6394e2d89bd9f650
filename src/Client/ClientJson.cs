using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionManager.Client;

/// <summary>snake_case; what a newer server says besides is ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Credentials))]
[JsonSerializable(typeof(MintWishes))]
[JsonSerializable(typeof(RegionList))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(NodeDescription))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(HeartbeatAnswer))]
[JsonSerializable(typeof(ConnectReport))]
[JsonSerializable(typeof(DisconnectReport))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(JsonElement))]
sealed partial class ClientJson : JsonSerializerContext;
