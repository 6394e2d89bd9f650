using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Errors;
using SessionManager.Signaling;

namespace SessionManager.Broadcasts;

/// <summary>
/// Counts one broadcast's viewers and ends them. Its row, or its session's, says whether it is over. It reads them before it lets anyone
/// in, and from time to time while someone is watching, so no lost message keeps an ended broadcast open.
/// </summary>
[GrainType("broadcast")]
public sealed partial class BroadcastGrain(IBroadcastStore store, IMediaServer media, TimeProvider time, ILogger<BroadcastGrain> logger)
    : Grain, IBroadcastGrain
{
    static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(30);

    BroadcastRow? _row;
    Audience _audience = new(0);
    int _noted;
    IGrainTimer? _timer;

    string BroadcastId => this.GetPrimaryKeyString();

    bool IsLive => _row is { EndedAt: null };

    IChannelGrain Channel => GrainFactory.GetGrain<IChannelGrain>(_row!.NodeId);

    ViewerPlace Place => new(_row!.NodeId, _row.SessionId);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _row = await store.Find(BroadcastId, cancellationToken);
        _noted = _row?.MostViewers ?? 0;
        _audience = new(_noted);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Note();

    public async Task<Result<ViewerPlace>> Join(Viewer viewer)
    {
        await Look();
        if (!IsLive)
            return new Refusal(ErrorCatalogue.BroadcastNotFound, _row is null ? null : "The broadcast is over.");
        if (_audience.Join(viewer, time.Now()) is { } refusal)
            return refusal;
        ArmTimer();
        return Place;
    }

    public Task<bool> Leave(string viewerId) => Task.FromResult(_audience.Leave(viewerId));

    public Task<ViewerPlace?> Find(string viewerId) => Task.FromResult(_audience.Has(viewerId) ? Place : null);

    public Task<ViewerCount> Count() => Task.FromResult(_audience.Count);

    public async Task Report(string nodeId, ImmutableArray<string> viewerIds)
    {
        if (_row is null || _row.NodeId != nodeId)
            return;
        if (!IsLive)
        {
            // Its end did not reach the node.
            await TellEnd(viewerIds);
            return;
        }

        _audience.Report(viewerIds, time.Now());
        ArmTimer();
    }

    public Task Gone(string nodeId, string viewerId)
    {
        if (_row?.NodeId == nodeId)
            _audience.Leave(viewerId);
        return Task.CompletedTask;
    }

    public async Task End()
    {
        var wasLive = IsLive;
        await store.End(BroadcastId, time.Now());
        await Look();
        // A repeated end tells the node again: the first message may have been lost.
        if (!wasLive && _row is not null)
            await TellEnd([]);
    }

    /// <summary>Reads the row, and ends everyone where it is over now.</summary>
    async Task Look()
    {
        var wasLive = IsLive;
        _row = await store.Find(BroadcastId);
        if (!wasLive || IsLive || _row is null)
            return;
        var viewers = _audience.Ids;
        _audience.Clear();
        await TellEnd(viewers);
        await Note();
    }

    Task TellEnd(ImmutableArray<string> viewers)
    {
        // Another server, which may be slow or away: nobody waits for it.
        _ = BestEffort(media.End(BroadcastIds.PathOf(BroadcastId)));
        return BestEffort(Channel.BroadcastEnded(BroadcastId, _row!.SessionId, viewers));
    }

    async Task Tick()
    {
        try
        {
            if (_audience.TakeExpired(time.Now()) is { IsEmpty: false } expired)
                await BestEffort(Channel.EndViewers(expired, ViewerEnd.Expired));
            await Look();
            await Note();
        }
        finally
        {
            ArmTimer();
        }
    }

    /// <summary>Stores the highest count, from time to time: a write for each viewer would cost too much.</summary>
    async Task Note()
    {
        var most = _audience.Count.Most;
        if (most == _noted)
            return;
        await store.NoteViewers(BroadcastId, most);
        _noted = most;
    }

    /// <summary>While anyone is watching, for the next token that expires, and to look.</summary>
    void ArmTimer()
    {
        if (_audience.Count is { Now: 0 } count && count.Most == _noted)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        var now = time.Now();
        var due = _audience.NextExpiry is { } expiry && expiry - now < LookPeriod ? expiry - now : LookPeriod;
        due = due > TimeSpan.Zero ? due : TimeSpan.Zero;
        // An activation without calls would be collected, and those who watch forgotten.
        DelayDeactivation(due + LookPeriod);
        if (_timer is null)
            _timer = this.RegisterGrainTimer(_ => Tick(), due, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    async Task BestEffort(Task news)
    {
        try
        {
            await news;
        }
        catch (Exception exception)
        {
            LogNotTold(BroadcastId, exception);
        }
    }

    [LoggerMessage(801, LogLevel.Information, "The node of broadcast {BroadcastId} did not hear who is to end; it finds out by itself.")]
    partial void LogNotTold(string broadcastId, Exception exception);
}
