namespace SessionManager.Client;

/// <summary>What a <see cref="StreamingNode"/> is.</summary>
public sealed class StreamingNodeOptions
{
    /// <summary>Its id: 1 to 64 letters, digits, dots, hyphens and underscores. It belongs to the account that first registers it.</summary>
    public required string NodeId { get; init; }

    /// <summary>What it says of itself. Without a signaling address of its own: only then clients come over its channel.</summary>
    public required NodeRegistration Registration { get; init; }

    /// <summary>Asked before each heartbeat for how busy the node is, 0 to 1. <see langword="null"/>: it does not say.</summary>
    public Func<double>? Load { get; init; }

    /// <summary>The largest message it takes, in bytes. 40 MiB: a client may send an image.</summary>
    public int MaxMessageBytes { get; init; } = 40 * 1024 * 1024;
}

/// <summary>
/// What a streaming node does with its clients. Calls come one after another, in the order of the channel; an exception from one ends
/// the node's run. What takes long belongs elsewhere.
/// </summary>
public interface IStreamingNodeHandler
{
    /// <summary>
    /// A client waits for an offer: make a new peer connection and send one (<see cref="StreamingNode.SendAsync"/>), then candidates.
    /// Called again for the same connection where the offer was lost with the channel.
    /// </summary>
    /// <param name="connection">The client's connection.</param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task ClientConnectedAsync(NodeConnection connection, CancellationToken cancellationToken);

    /// <summary>A client's message, as it sent it: <c>answer</c>, <c>ice_candidate</c> or <c>interactive_stream_start</c>.</summary>
    /// <param name="sessionId">The client's session.</param>
    /// <param name="message">With a <c>type</c>.</param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task MessageReceivedAsync(string sessionId, System.Text.Json.JsonElement message, CancellationToken cancellationToken);

    /// <summary>A client is gone from its socket: close its peer connection.</summary>
    /// <param name="connection">The client's connection.</param>
    /// <param name="clean">Whether it left; otherwise it may come back, as another connection.</param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task ClientDisconnectedAsync(NodeConnection connection, bool clean, CancellationToken cancellationToken);

    /// <summary>The session is over, or on another node: end all of it. May come more than once, and for sessions nobody connected to.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="reason">
    /// As <c>duration_limit</c>, on which the client is told <c>session_timeout</c> on its data channel; <see langword="null"/>: not said.
    /// </param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task SessionDroppedAsync(string sessionId, string? reason, CancellationToken cancellationToken);

    /// <summary>
    /// Somebody wants to watch a broadcast (<see cref="NodesClient.StartBroadcastAsync"/>): answer within ten seconds. Unlike the others
    /// this call holds up none, and several may be under way; an exception refuses the viewer. Without this method nobody watches.
    /// </summary>
    /// <param name="offer">Who, what, and the offer.</param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task<ViewerReply> ViewerOfferedAsync(ViewerOffer offer, CancellationToken cancellationToken) => Task.FromResult(ViewerReply.NotFound);

    /// <summary>Further candidates of a viewer. The published clients send none.</summary>
    /// <param name="viewerId">The viewer.</param>
    /// <param name="fragment">SDP, as RFC 8840 has it.</param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task ViewerTrickledAsync(string viewerId, string fragment, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A viewer is to be ended, or has left. May come for one that is gone, and for one that was just refused.</summary>
    /// <param name="viewerId">The viewer.</param>
    /// <param name="reason"><c>deleted</c>, <c>expired</c>, <c>ended</c> or <c>timeout</c>.</param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task ViewerEndedAsync(string viewerId, string? reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A broadcast is over, and with it all its viewers. Its session may go on.</summary>
    /// <param name="broadcastId">The broadcast.</param>
    /// <param name="sessionId">Its session.</param>
    /// <param name="cancellationToken">Cancelled when the node stops.</param>
    Task BroadcastEndedAsync(string broadcastId, string sessionId, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>One client's connection to its session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ConnectionId">New for each connection of it.</param>
public sealed record NodeConnection(string SessionId, string ConnectionId);
