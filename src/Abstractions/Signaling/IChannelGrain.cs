using System.Collections.Immutable;
using Orleans;

namespace SessionManager.Signaling;

/// <summary>
/// Where one node's channel is, and where the sockets of its clients are, by the node's id: client and node may be attached to
/// different front ends. It lives in memory only and depends on nothing: front ends renew what they hold, so that after a crash it is
/// whole again within <see cref="RenewPeriod"/>, and who stops renewing is forgotten after <see cref="Patience"/>. Messages don't pass
/// through it: it only says where the other side is.
/// </summary>
[Alias("SessionManager.IChannelGrain")]
public interface IChannelGrain : IGrainWithStringKey
{
    static readonly TimeSpan RenewPeriod = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The node's channel is open at that front end; repeated every <see cref="RenewPeriod"/>. One that was just opened
    /// (<see cref="ChannelLink.Number"/> 0) takes the place of any other.
    /// </summary>
    Task<ChannelView> AttachNode(ChannelLink channel);

    /// <summary>That channel has closed. Its clients stay where they are.</summary>
    Task DetachNode(string channelId);

    /// <summary>A client's socket has opened. It takes the place of an earlier one of its session.</summary>
    /// <returns>Where the node's channel is; null: nowhere yet.</returns>
    Task<ChannelLink?> AttachClient(ClientLink client);

    /// <summary>All clients of this node that the front end still holds, every <see cref="RenewPeriod"/>.</summary>
    Task<ChannelLink?> RenewClients(ImmutableArray<ClientLink> clients);

    /// <summary>That client's socket has closed. The node hears of it.</summary>
    Task DetachClient(string sessionId, string connectionId, bool clean);

    /// <summary>The client that is attached to the session.</summary>
    Task<ClientSighting> FindClient(string sessionId);

    /// <summary>
    /// The session is over, or on another node: this node is told to drop it, and its client why. Best effort, and answered without
    /// waiting for either.
    /// </summary>
    /// <param name="reason">A drop's reason as the wire spells it, or <see cref="Moved"/>.</param>
    Task SessionEnded(string sessionId, string reason);

    /// <summary>Where the node's channel is; null: nowhere.</summary>
    Task<ChannelLink?> FindChannel();

    /// <summary>The node is told to end these viewers. Best effort, as with <see cref="SessionEnded"/>.</summary>
    /// <param name="reason">One of <see cref="Broadcasts.ViewerEnd"/>.</param>
    Task EndViewers(ImmutableArray<string> viewerIds, string reason);

    /// <summary>The node is told that the broadcast is over, and these viewers with it. Best effort.</summary>
    Task BroadcastEnded(string broadcastId, string sessionId, ImmutableArray<string> viewerIds);

    const string Moved = "moved";
}

/// <summary>A node's open channel.</summary>
/// <param name="Number">Later channels of a node have higher numbers; 0: not numbered yet.</param>
[GenerateSerializer, Immutable, Alias("channel-link")]
public sealed record ChannelLink(
    [property: Id(0)] string ChannelId,
    [property: Id(1)] long Number,
    [property: Id(2)] string FrontEndId,
    [property: Id(3)] IFrontEnd FrontEnd);

/// <summary>A client's open socket.</summary>
/// <param name="Offered">An offer has been passed on to it: it takes no second one.</param>
[GenerateSerializer, Immutable, Alias("client-link")]
public sealed record ClientLink(
    [property: Id(0)] string SessionId,
    [property: Id(1)] string ConnectionId,
    [property: Id(2)] string FrontEndId,
    [property: Id(3)] IFrontEnd FrontEnd,
    [property: Id(4)] bool Offered = false);

/// <param name="Number">The channel's number from here on.</param>
/// <param name="Replaced">Another channel of the node is open: this one is to close, and the rest means nothing.</param>
/// <param name="Clients">Every client attached now.</param>
/// <param name="Lost">Clients whose front end is heard of no more, told this once.</param>
/// <param name="Complete">Every client there is has had the time to be renewed: one that is not among them is gone.</param>
[GenerateSerializer, Immutable, Alias("channel-view")]
public sealed record ChannelView(
    [property: Id(0)] long Number,
    [property: Id(1)] bool Replaced,
    [property: Id(2)] ImmutableArray<ClientLink> Clients,
    [property: Id(3)] ImmutableArray<ClientLink> Lost,
    [property: Id(4)] bool Complete);

/// <param name="Complete">As in <see cref="ChannelView"/>: where no client was found, there is none.</param>
[GenerateSerializer, Immutable, Alias("client-sighting")]
public sealed record ClientSighting([property: Id(0)] ClientLink? Client, [property: Id(1)] bool Complete);
