using System.Collections.Immutable;
using SessionManager.Api.Validation;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Api.Nodes;

/// <param name="Region">Where it is; clients measure the latency to it.</param>
/// <param name="Capacity">How many sessions it can stream at a time.</param>
/// <param name="SignalingUrl">Its own signaling server; left out: the built-in gateway.</param>
/// <param name="PingUrl">Where clients measure their latency to it; left out: this server.</param>
/// <param name="Load">How busy it is, 0 to 1; breaks ties between nodes.</param>
public sealed record NodeBody(
    [property: Required] string? Region,
    [property: Required] string? Model,
    [property: Required] int? Capacity,
    Capabilities? Capabilities,
    string? SignalingUrl,
    string? PingUrl,
    double? Load)
{
    const int MaxModel = 128;
    internal const int MaxCapacity = 1_000_000;

    internal NodeRegistration? Check(Validator check)
    {
        check.That(Names.IsRegion(Region), "region", $"must be {Names.Shape}");
        check.Text(Model, "model", MaxModel);
        check.That(Capacity is >= 1 and <= MaxCapacity, "capacity", $"must be 1 to {MaxCapacity}");
        check.Address(SignalingUrl, "signaling_url", "ws", "wss");
        check.Address(PingUrl, "ping_url", "http", "https");
        check.Range(Load, "load", 0, 1);
        return check.Problem is null
            ? new NodeRegistration
            {
                Region = Region!,
                Model = Model!,
                Capacity = Capacity!.Value,
                Capabilities = Capabilities,
                SignalingUrl = SignalingUrl,
                PingUrl = PingUrl,
                Load = Load,
            }
            : null;
    }
}

/// <param name="Sessions">The ids of the sessions it streams now.</param>
/// <param name="Load">How busy it is, 0 to 1; left out: as before.</param>
public sealed record HeartbeatBody([property: Required] ImmutableArray<string>? Sessions, double? Load = null)
{
    internal bool Check(Validator check) =>
        check.Range(Load, "load", 0, 1)
        && check.Required(Sessions, "sessions")
        && check.That(Sessions!.Value.Length <= NodeBody.MaxCapacity, "sessions", $"must be at most {NodeBody.MaxCapacity} ids")
        && check.That(Sessions.Value.All(SessionIds.IsWellFormed), "sessions", "must be session ids");
}

/// <param name="SessionToken">The token the client connected with.</param>
/// <param name="ConnectionId">The node's own name for the connection; the same one twice is one connect.</param>
public sealed record ConnectedBody([property: Required] string? SessionToken, [property: Required] string? ConnectionId);

/// <param name="ConnectionId">As reported when it connected; any other changes nothing.</param>
/// <param name="Reason">`clean`: the client left. `lost`: it went silent and may come back while its token lives.</param>
public sealed record DisconnectedBody([property: Required] string? ConnectionId, [property: Required] string? Reason)
{
    internal const string Clean = "clean";
    internal const string Lost = "lost";
}
