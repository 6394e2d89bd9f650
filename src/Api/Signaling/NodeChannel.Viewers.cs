using System.Collections.Concurrent;
using System.Collections.Immutable;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Signaling;

namespace SessionManager.Api.Signaling;

/// <summary>Viewers of the node's broadcasts: their offers wait here for its answers.</summary>
sealed partial class NodeChannel
{
    readonly ConcurrentDictionary<string, TaskCompletionSource<Result<string>>> _offers = new(StringComparer.Ordinal);

    public async Task<Result<string>> OfferViewer(ViewerOffer offer)
    {
        var mine = new TaskCompletionSource<Result<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = _offers.GetOrAdd(offer.ViewerId, mine);
        if (waiting != mine)
            return await waiting.Task;
        try
        {
            if (!_peer.Send(NodeMessages.ViewerOffer(offer)))
                mine.TrySetResult(NotAttached);
            return await mine.Task.WaitAsync(TimeSpan.FromSeconds(_options.ViewerSeconds), _time);
        }
        catch (TimeoutException)
        {
            // The node may answer all the same; it then hears it once more.
            _peer.Send(NodeMessages.ViewerDelete(offer.ViewerId, ViewerEnd.Timeout));
            mine.TrySetResult(new Refusal(ErrorCatalogue.StreamerTimeout));
            return await mine.Task;
        }
        finally
        {
            _offers.TryRemove(offer.ViewerId, out _);
        }
    }

    public bool TrickleViewer(string viewerId, string fragment) => _peer.Send(NodeMessages.ViewerTrickle(viewerId, fragment));

    public void EndViewers(ImmutableArray<string> viewerIds, string reason)
    {
        foreach (var viewerId in viewerIds)
            _peer.Send(NodeMessages.ViewerDelete(viewerId, reason));
    }

    public void BroadcastEnded(string broadcastId, string sessionId, ImmutableArray<string> viewerIds)
    {
        EndViewers(viewerIds, ViewerEnd.Ended);
        _peer.Send(NodeMessages.BroadcastEnded(broadcastId, sessionId));
    }

    static Refusal NotAttached => new(ErrorCatalogue.StreamerNotAttached);

    /// <summary>The channel has closed: nobody answers by it any more.</summary>
    void EndOffers()
    {
        foreach (var offer in _offers.Values)
            offer.TrySetResult(NotAttached);
    }

    void HearOfViewer(NodeRequest news)
    {
        if (news.ViewerId is not { } viewerId)
            return;
        switch (news)
        {
            case { Type: NodeRequest.ViewerGone, BroadcastId: { } broadcastId } when BroadcastIds.IsWellFormed(broadcastId):
                _ = _gateway.Tell(_gateway.Broadcast(broadcastId).Gone(NodeId, viewerId));
                break;
            case { Type: NodeRequest.ViewerAnswer, Sdp: { Length: > 0 } sdp }:
                // An answer nobody waits for is a viewer nobody knows of.
                if (!_offers.TryGetValue(viewerId, out var answered) || !answered.TrySetResult(sdp))
                    _peer.Send(NodeMessages.ViewerDelete(viewerId, ViewerEnd.Timeout));
                break;
            case { Type: NodeRequest.ViewerAnswer or NodeRequest.ViewerRefused } when _offers.TryGetValue(viewerId, out var refused):
                refused.TrySetResult(new Refusal(news.Reason switch
                {
                    "not_found" => ErrorCatalogue.BroadcastNotFound,
                    "busy" => ErrorCatalogue.ViewerLimit,
                    _ => ErrorCatalogue.InvalidSdp,
                }));
                break;
        }
    }
}
