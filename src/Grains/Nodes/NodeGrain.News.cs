using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Sessions;

namespace SessionManager.Nodes;

/// <summary>What a node tells the directory, and how it speaks to its sessions.</summary>
public sealed partial class NodeGrain
{
    /// <summary>How long mere room waits to be told to the directory, where nobody waits for it.</summary>
    static readonly TimeSpan PublishDelay = TimeSpan.FromMilliseconds(200);

    IGrainTimer? _publishTimer;
    IGrainTimer? _lapseTimer;

    /// <summary>The directory was last told that there is no room.</summary>
    bool _saidFull;

    INodeDirectoryGrain Directory => GrainFactory.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key);

    /// <summary>Room where there was none is told at once, since callers may be waiting for it; all else soon.</summary>
    void RoomChanged()
    {
        if (Record.Registration is not { } registration)
            return;
        if (_saidFull && Record.TakesNew && _places.Held(time.Now()) < registration.Capacity)
            _ = Publish();
        else
            PublishSoon();
        ArmLapseTimer();
    }

    void PublishSoon() =>
        _publishTimer ??= this.RegisterGrainTimer(_ => Publish(), PublishDelay, Timeout.InfiniteTimeSpan);

    async Task Publish()
    {
        _publishTimer?.Dispose();
        _publishTimer = null;
        try
        {
            await Owner.Own();
            if (View() is not { } node)
                return;
            _saidFull = !PlacementPolicy.HasRoom(node);
            await UntilBroken(Directory.Publish(node));
        }
        catch (Exception exception)
        {
            LogNotPublished(NodeId, exception);
            PublishSoon();
        }
    }

    /// <summary>A place that lapses makes room without anybody's call.</summary>
    void ArmLapseTimer()
    {
        var now = time.Now();
        if (_lapseTimer is not null || !_saidFull || _places.NextLapse(now) is not { } lapse)
            return;
        _lapseTimer = this.RegisterGrainTimer(
            _ =>
            {
                _lapseTimer?.Dispose();
                _lapseTimer = null;
                RoomChanged();
                return Task.CompletedTask;
            },
            lapse - now,
            Timeout.InfiniteTimeSpan);
    }

    Node? View() => Record.View(NodeId, _places.Held(time.Now()), _load, _lastHeardAt);

    ISessionGrain Session(string sessionId) => GrainFactory.GetGrain<ISessionGrain>(sessionId);

    Task Each(IEnumerable<string> sessionIds, Func<string, Task> act) => InParallel.Each(
        sessionIds, Width, sessionId => UntilBroken(act(sessionId)), (sessionId, exception) => LogLeftToSweep(NodeId, sessionId, exception));

    [LoggerMessage(301, LogLevel.Warning, "Node {NodeId} is lost: its lease ran out with {Places} places taken.")]
    partial void LogLost(string nodeId, int places);

    [LoggerMessage(302, LogLevel.Warning, "Node {NodeId} could not reach session {SessionId}; the next sweep tries again.")]
    partial void LogLeftToSweep(string nodeId, string sessionId, Exception exception);

    [LoggerMessage(303, LogLevel.Warning, "Node {NodeId} could not tell the directory its news; it tries again soon.")]
    partial void LogNotPublished(string nodeId, Exception exception);

    [LoggerMessage(304, LogLevel.Information, "Node {NodeId} has been lost for so long that it is forgotten.")]
    partial void LogForgotten(string nodeId);

    [LoggerMessage(305, LogLevel.Warning, "Node {NodeId} could not read what its sessions hold; it tries again at the next sweep.")]
    partial void LogNotLooked(string nodeId, Exception exception);
}
