using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Signaling;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Randomness;
using SessionManager.Signaling;

namespace SessionManager.Api.Broadcasts;

/// <summary>
/// Brings viewers and their broadcast's node together. A viewer is taken in before its offer goes to the node, and let go again
/// where nothing came of that, so what is counted is never less than what the node serves.
/// </summary>
sealed partial class ViewerRelay(
    IGrainFactory grains, Gateway gateway, IOptions<GatewayOptions> options, IRandomSource random, TimeProvider time, ILogger<ViewerRelay> logger)
{
    /// <summary>On the way to the front end with the node's channel and back, besides the time that the node has.</summary>
    static readonly TimeSpan Way = TimeSpan.FromSeconds(2);

    /// <param name="offer">SDP.</param>
    /// <param name="gone">Nobody waits for the answer any more.</param>
    public async Task<Result<WatchingViewer>> Watch(Spectator spectator, string offer, CancellationToken gone)
    {
        var broadcast = Broadcast(spectator.BroadcastId);
        var viewerId = BroadcastIds.RandomViewer(random);
        var joined = await broadcast.Join(new Viewer(viewerId, spectator.TokenId, spectator.ExpiresAt, spectator.MaxViewers));
        if (joined.Refusal is { } refusal)
            return refusal;
        var place = joined.Value!;
        // Of a node that has refused there is nothing to end.
        var (stays, mayBeServed) = (false, false);
        try
        {
            if (await gateway.Channel(place.NodeId).FindChannel() is not { } channel)
                return new Refusal(ErrorCatalogue.StreamerNotAttached);
            mayBeServed = true;
            var answer = await Offer(channel, new ViewerOffer(viewerId, spectator.BroadcastId, place.SessionId, spectator.ExpiresAt, offer), gone);
            mayBeServed = answer.Refusal?.Code is null or ErrorCatalogue.StreamerTimeout;
            gone.ThrowIfCancellationRequested();
            stays = answer.Ok;
            return answer.Ok ? new WatchingViewer(viewerId, answer.Value!) : answer.Refusal!;
        }
        finally
        {
            if (!stays)
                await Try(LetGo(broadcast, place, viewerId, mayBeServed));
        }
    }

    /// <returns>null: the node has it.</returns>
    public async Task<Refusal?> Trickle(string broadcastId, string viewerId, string fragment)
    {
        if (await Broadcast(broadcastId).Find(viewerId) is not { } place)
            return new Refusal(ErrorCatalogue.ViewerNotFound);
        return await gateway.Channel(place.NodeId).FindChannel() is { } channel
            && await gateway.At(channel).TrickleViewer(channel.ChannelId, viewerId, fragment)
            ? null
            : new Refusal(ErrorCatalogue.StreamerNotAttached);
    }

    /// <returns>False: there is no such viewer.</returns>
    public async Task<bool> End(string broadcastId, string viewerId)
    {
        var broadcast = Broadcast(broadcastId);
        if (await broadcast.Find(viewerId) is not { } place)
            return false;
        await gateway.Channel(place.NodeId).EndViewers([viewerId], ViewerEnd.Deleted);
        await broadcast.Leave(viewerId);
        return true;
    }

    async Task<Result<string>> Offer(ChannelLink channel, ViewerOffer offer, CancellationToken gone)
    {
        try
        {
            return await gateway.At(channel).OfferViewer(channel.ChannelId, offer)
                .WaitAsync(TimeSpan.FromSeconds(options.Value.ViewerSeconds) + Way, time, gone);
        }
        // The front end with the channel is silent, or dead.
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            gateway.LogRelayFailed(offer.ViewerId, exception);
            return new Refusal(ErrorCatalogue.StreamerTimeout);
        }
    }

    async Task LetGo(IBroadcastGrain broadcast, ViewerPlace place, string viewerId, bool mayBeServed)
    {
        if (mayBeServed)
            await gateway.Channel(place.NodeId).EndViewers([viewerId], ViewerEnd.Timeout);
        await broadcast.Leave(viewerId);
    }

    async Task Try(Task letting)
    {
        try
        {
            await letting;
        }
        catch (Exception exception)
        {
            LogNotLetGo(exception);
        }
    }

    IBroadcastGrain Broadcast(string id) => grains.GetGrain<IBroadcastGrain>(id);

    [LoggerMessage(1201, LogLevel.Warning, "A viewer that could not be served is counted until its node's next report.")]
    partial void LogNotLetGo(Exception exception);
}

/// <param name="Sdp">The node's answer.</param>
sealed record WatchingViewer(string ViewerId, string Sdp);
