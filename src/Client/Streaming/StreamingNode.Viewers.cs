using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SessionManager.Client;

/// <summary>Those who watch the node's broadcasts.</summary>
public sealed partial class StreamingNode
{
    /// <summary>Who watches each broadcast.</summary>
    readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _viewers = new();

    /// <summary>A viewer's connection has failed or closed.</summary>
    /// <param name="broadcastId">What it watched.</param>
    /// <param name="viewerId">The viewer; one that is gone already changes nothing.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task ViewerGoneAsync(string broadcastId, string viewerId, CancellationToken cancellationToken = default)
    {
        Forget(viewerId);
        try
        {
            await SayAsync(new("viewer_gone", viewerId, BroadcastId: broadcastId), cancellationToken).ConfigureAwait(false);
        }
        catch (SessionManagerConnectionException)
        {
            // The next report leaves it out.
        }
    }

    async Task AnswerViewerAsync(ViewerOffer offer, CancellationToken cancellationToken)
    {
        ViewerReply reply;
        try
        {
            reply = await _handler.ViewerOfferedAsync(offer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem)
        {
            LogViewerRefused(_options.NodeId, problem);
            reply = ViewerReply.Unacceptable;
        }

        try
        {
            // Counted before it is answered: it may leave at once.
            if (reply.Sdp is not null)
                _viewers.GetOrAdd(offer.BroadcastId, _ => new()).TryAdd(offer.ViewerId, true);
            await SayAsync(
                new(reply.Sdp is null ? "viewer_refused" : "viewer_answer", offer.ViewerId, reply.Sdp, reply.Reason), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is SessionManagerConnectionException or OperationCanceledException or ObjectDisposedException)
        {
            // The server has given the viewer up by now, and says so to a later answer; this one is never heard.
            Forget(offer.ViewerId);
            if (reply.Sdp is not null && !cancellationToken.IsCancellationRequested)
                await TellAsync(() => _handler.ViewerEndedAsync(offer.ViewerId, "timeout", cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    async Task ReportViewersAsync(CancellationToken cancellationToken)
    {
        if (_viewers.IsEmpty)
            return;
        try
        {
            var watched = _viewers.ToDictionary(broadcast => broadcast.Key, broadcast => broadcast.Value.Keys.ToArray());
            await _channel.SendAsync(
                new ViewersReport("heartbeat", [.. _connections.Keys], watched), ClientJson.Default.ViewersReport, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionManagerConnectionException)
        {
            // When the channel is back.
        }
    }

    Task SayAsync(ViewerMessage message, CancellationToken cancellationToken) =>
        _channel.SendAsync(message, ClientJson.Default.ViewerMessage, cancellationToken);

    void Forget(string viewerId)
    {
        foreach (var watching in _viewers.Values)
            watching.TryRemove(viewerId, out _);
    }

    [LoggerMessage(3, LogLevel.Warning, "The node {NodeId} could not take a viewer.")]
    partial void LogViewerRefused(string nodeId, Exception problem);
}
