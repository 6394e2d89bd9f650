using System.Text.Json.Serialization;

namespace SessionManager.Client;

/// <summary>snake_case; what a newer server says besides is ignored. Every type that crosses the wire is listed here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(NameAndPassword))]
[JsonSerializable(typeof(KeyToExchange))]
[JsonSerializable(typeof(SetupState))]
[JsonSerializable(typeof(AccessToken))]
[JsonSerializable(typeof(ClientCredentials))]
[JsonSerializable(typeof(CredentialsWire))]
[JsonSerializable(typeof(SessionTokenClaims))]
[JsonSerializable(typeof(MintRequest))]
[JsonSerializable(typeof(RegionList))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(Page<Session>))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Page<Node>))]
[JsonSerializable(typeof(NodeRegistration))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(HeartbeatAnswer))]
[JsonSerializable(typeof(ConnectReport))]
[JsonSerializable(typeof(DisconnectReport))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(Page<ApiKey>))]
[JsonSerializable(typeof(CreateKeyOptions))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(Page<User>))]
[JsonSerializable(typeof(UpdateUserOptions))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(Page<AuditEntry>))]
[JsonSerializable(typeof(Usage))]
[JsonSerializable(typeof(ChannelMessage))]
[JsonSerializable(typeof(RelayedMessage))]
[JsonSerializable(typeof(ChannelDisconnect))]
sealed partial class ClientJson : JsonSerializerContext;
