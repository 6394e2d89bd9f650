using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SessionManager.Api.Admin;
using SessionManager.Api.Broadcasts;
using SessionManager.Api.Errors;
using SessionManager.Api.Events;
using SessionManager.Api.Health;
using SessionManager.Api.Keys;
using SessionManager.Api.MediaMtx;
using SessionManager.Api.Minting;
using SessionManager.Api.Nodes;
using SessionManager.Api.Overview;
using SessionManager.Api.Regions;
using SessionManager.Api.Sessions;
using SessionManager.Api.Signaling.Ice;
using SessionManager.Api.Tokens;
using SessionManager.Api.Usage;
using SessionManager.Api.Users;
using SessionManager.Audit;
using SessionManager.Keys;
using SessionManager.Lists;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Api.Json;

/// <summary>
/// How JSON is read and written: snake_case, nulls left out, UTC times; unknown, repeated or missing members are refused.
/// Every type that crosses the wire is listed here.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    MaxDepth = 16,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(AccessTokenAnswer))]
[JsonSerializable(typeof(JsonWebKeySetDocument))]
[JsonSerializable(typeof(MintBody))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(SessionTokenRequest))]
[JsonSerializable(typeof(SessionTokenAnswer))]
[JsonSerializable(typeof(CredentialsAnswer))]
[JsonSerializable(typeof(RegionsAnswer))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(SessionTimeline))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Page<Node>))]
[JsonSerializable(typeof(NodeBody))]
[JsonSerializable(typeof(NodeLease))]
[JsonSerializable(typeof(HeartbeatBody))]
[JsonSerializable(typeof(HeartbeatReply))]
[JsonSerializable(typeof(ConnectedBody))]
[JsonSerializable(typeof(DisconnectedBody))]
[JsonSerializable(typeof(MediaMtxRequest))]
[JsonSerializable(typeof(BroadcastBody))]
[JsonSerializable(typeof(BroadcastStarted))]
[JsonSerializable(typeof(Broadcast))]
[JsonSerializable(typeof(Page<Broadcast>))]
[JsonSerializable(typeof(BroadcastStatus))]
[JsonSerializable(typeof(SpectatorTokenBody))]
[JsonSerializable(typeof(SpectatorTokenAnswer))]
[JsonSerializable(typeof(IceAnswer))]
[JsonSerializable(typeof(UsageAnswer))]
[JsonSerializable(typeof(OverviewAnswer))]
[JsonSerializable(typeof(SessionNews))]
[JsonSerializable(typeof(NodeNews))]
[JsonSerializable(typeof(KeyNews))]
[JsonSerializable(typeof(StreamReady))]
[JsonSerializable(typeof(EventsSkipped))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(SetupAnswer))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(UserChange))]
[JsonSerializable(typeof(Page<UserAnswer>))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(RotationRequest))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(Page<ApiKey>))]
[JsonSerializable(typeof(Page<Session>))]
[JsonSerializable(typeof(Page<AuditEntry>))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>As it goes over the wire: an apostrophe stays one. Answers are never put into a page.</summary>
    internal static ApiJson Wire => field ??=
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Gives the framework's own reading and writing these same rules.</summary>
    internal static void Apply(JsonSerializerOptions options)
    {
        var ours = Wire.Options;
        options.Encoder = ours.Encoder;
        options.PropertyNamingPolicy = ours.PropertyNamingPolicy;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = ours.DefaultIgnoreCondition;
        options.UnmappedMemberHandling = ours.UnmappedMemberHandling;
        options.AllowDuplicateProperties = ours.AllowDuplicateProperties;
        options.RespectNullableAnnotations = ours.RespectNullableAnnotations;
        options.MaxDepth = ours.MaxDepth;
        foreach (var converter in ours.Converters)
            options.Converters.Add(converter);
        options.TypeInfoResolverChain.Insert(0, Wire);
    }
}
