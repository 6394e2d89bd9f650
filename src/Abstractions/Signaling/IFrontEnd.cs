using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using SessionManager.Errors;

namespace SessionManager.Signaling;

/// <summary>
/// A process that holds sockets, as the others reach it. Calls don't wait for one another: one slow socket must not hold up the
/// rest. Each is acknowledged when it has been done; each may be repeated.
/// </summary>
[Alias("SessionManager.IFrontEnd")]
public interface IFrontEnd : IGrainObserver
{
    /// <summary>A message from the node to a client here.</summary>
    /// <param name="channelId">Where it comes from: each channel counts its messages for itself.</param>
    /// <param name="parcel">Always whole.</param>
    /// <returns>False: the client is not here any more.</returns>
    [AlwaysInterleave]
    Task<bool> ToClient(string connectionId, string channelId, Parcel parcel);

    /// <summary>The node of that client has opened a channel.</summary>
    [AlwaysInterleave]
    Task NodeIsAt(string connectionId, ChannelLink channel);

    /// <summary>The client's session is over: it is told so and let go.</summary>
    /// <param name="reason">What the client is told; null: it is not, another connection has taken its place.</param>
    [AlwaysInterleave]
    Task EndClient(string connectionId, string? reason);

    /// <summary>Whether the client is here and answers a ping.</summary>
    [AlwaysInterleave]
    Task<bool> IsClientAlive(string connectionId);

    /// <summary>A message, or a part of one, from a client to the node whose channel is here. Answered when it is written to the socket.</summary>
    /// <returns>False: the channel is not here any more, and the message was not written whole.</returns>
    [AlwaysInterleave]
    Task<bool> ToNode(string channelId, string sessionId, string connectionId, Parcel parcel);

    [AlwaysInterleave]
    Task ClientAttached(string channelId, ClientLink client);

    [AlwaysInterleave]
    Task ClientDetached(string channelId, string sessionId, string connectionId, bool clean);

    /// <summary>The node is told to drop the session.</summary>
    [AlwaysInterleave]
    Task SessionEnded(string channelId, string sessionId, string reason);

    /// <summary>A viewer's offer for the node whose channel is here. A repeat gets the first one's answer.</summary>
    /// <returns>
    /// The answer, or <c>streamer_not_attached</c> (the channel is not here any more), <c>streamer_timeout</c>, or why the node refuses.
    /// </returns>
    [AlwaysInterleave]
    Task<Result<string>> OfferViewer(string channelId, ViewerOffer offer);

    /// <summary>A viewer's ICE candidates (RFC 8840, a fragment) for the node.</summary>
    /// <returns>False: the channel is not here any more.</returns>
    [AlwaysInterleave]
    Task<bool> TrickleViewer(string channelId, string viewerId, string fragment);

    /// <summary>The node is told to end these viewers.</summary>
    [AlwaysInterleave]
    Task EndViewers(string channelId, ImmutableArray<string> viewerIds, string reason);

    /// <summary>The node is told that the broadcast is over, and these viewers with it.</summary>
    [AlwaysInterleave]
    Task BroadcastEnded(string channelId, string broadcastId, string sessionId, ImmutableArray<string> viewerIds);

    /// <summary>Another channel of the node has been opened: this one closes.</summary>
    [AlwaysInterleave]
    Task ChannelReplaced(string channelId);
}

/// <summary>One message of one connection in one direction, or a part of it: a large one travels in parts.</summary>
/// <param name="Message">Counts the messages of the connection from 1, so that a repeated one is known.</param>
/// <param name="Part">Counts the parts of the message from 0.</param>
[GenerateSerializer, Immutable, Alias("parcel")]
public sealed record Parcel(
    [property: Id(0)] long Message,
    [property: Id(1)] int Part,
    [property: Id(2)] bool IsLast,
    [property: Id(3)] byte[] Bytes);

/// <summary>One who wants to watch.</summary>
/// <param name="ExpiresAt">When it has to end: its token does.</param>
/// <param name="Sdp">Its offer.</param>
[GenerateSerializer, Immutable, Alias("viewer-offer")]
public sealed record ViewerOffer(
    [property: Id(0)] string ViewerId,
    [property: Id(1)] string BroadcastId,
    [property: Id(2)] string SessionId,
    [property: Id(3)] DateTimeOffset ExpiresAt,
    [property: Id(4)] string Sdp);
