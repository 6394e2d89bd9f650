using System.Net.Http.Headers;

namespace SessionManager.Client;

/// <summary>What a streaming node reports. Thread-safe. Every report can be repeated safely, and is where no answer comes back.</summary>
/// <param name="http">Its base address is the server's. It is the caller's to dispose.</param>
/// <param name="key">An API key with the scope <c>nodes:report</c>.</param>
public sealed class StreamingNodeClient(HttpClient http, string key, string nodeId)
{
    readonly Connection connection = new(http, new AuthenticationHeaderValue("Bearer", key));
    readonly string path = $"api/nodes/{Uri.EscapeDataString(nodeId)}";

    /// <summary>Registers the node, or changes what it said before. Returns how long its lease lasts without a heartbeat.</summary>
    public async Task<TimeSpan> Register(NodeDescription description, CancellationToken cancellation = default) =>
        Seconds(await connection.SendRepeatably(
            () => Connection.With(HttpMethod.Put, path, description, ClientJson.Default.NodeDescription), ClientJson.Default.Lease, cancellation));

    /// <summary>Renews the lease and compares the sessions it streams with those it should.</summary>
    public Task<HeartbeatAnswer> Heartbeat(IEnumerable<string> sessions, CancellationToken cancellation = default)
    {
        var beat = new Heartbeat([.. sessions]);
        return connection.SendRepeatably(
            () => Connection.Post($"{path}/heartbeat", beat, ClientJson.Default.Heartbeat), ClientJson.Default.HeartbeatAnswer, cancellation);
    }

    /// <summary>A client has connected with its session token.</summary>
    /// <param name="connectionId">The node's own name for the connection, at most 128 characters; the same one twice is one connect.</param>
    public Task<Session> Connected(string sessionId, string sessionToken, string connectionId, CancellationToken cancellation = default) =>
        connection.SendRepeatably(
            () => Connection.Post(Path(sessionId, "connected"), new ConnectReport(sessionToken, connectionId), ClientJson.Default.ConnectReport),
            ClientJson.Default.Session,
            cancellation);

    /// <param name="clean">Whether the client left; otherwise it went silent and may come back while its token lives.</param>
    public Task<Session> Disconnected(string sessionId, string connectionId, bool clean, CancellationToken cancellation = default) =>
        connection.SendRepeatably(
            () => Connection.Post(
                Path(sessionId, "disconnected"),
                new DisconnectReport(connectionId, clean ? "clean" : "lost"),
                ClientJson.Default.DisconnectReport),
            ClientJson.Default.Session,
            cancellation);

    /// <summary>No new sessions from here on; those the node has go on. Registering again ends it.</summary>
    public Task Drain(CancellationToken cancellation = default) =>
        connection.SendRepeatably(() => new(HttpMethod.Post, $"{path}/drain"), ClientJson.Default.JsonElement, cancellation);

    /// <summary>The node is gone, and its sessions drop.</summary>
    public Task Delete(CancellationToken cancellation = default) =>
        connection.Send(new(HttpMethod.Delete, path), ClientJson.Default.JsonElement, cancellation);

    string Path(string sessionId, string report) => $"{path}/sessions/{Uri.EscapeDataString(sessionId)}/{report}";

    static TimeSpan Seconds(Lease lease) => TimeSpan.FromSeconds(lease.LeaseSeconds);
}
