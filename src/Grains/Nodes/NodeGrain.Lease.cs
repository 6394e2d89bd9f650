using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;

namespace SessionManager.Nodes;

/// <summary>The node's lease, what the sweep asks it to look after, and the end of its sessions.</summary>
public sealed partial class NodeGrain
{
    bool HasRunOut => time.GetElapsedTime(_leaseSince) >= _lease;

    void Heard()
    {
        _lastHeardAt = time.Now();
        RenewLease();
    }

    void RenewLease()
    {
        _leaseSince = time.GetTimestamp();
        // If this activation were collected before the lease is over, the next one would grant a whole lease again.
        DelayDeactivation(_lease);
        if (_leaseTimer is null)
            _leaseTimer = this.RegisterGrainTimer(_ => CheckLease(), _lease, Timeout.InfiniteTimeSpan);
        else
            _leaseTimer.Change(_lease, Timeout.InfiniteTimeSpan);
    }

    async Task CheckLease()
    {
        if (Record.Registration is null || !HasRunOut)
            return;
        if (!Record.Lost)
        {
            Record = Record.Lose(time.Now());
            LogLost(NodeId, _places.Held(time.Now()));
        }

        // Before the node's record: where that cannot be written, the next activation grants a whole lease again.
        await EndSessions();
        await Write();
        await Publish();
    }

    public async Task Check()
    {
        await CheckLease();
        if (Record.IsToBeForgotten(time.Now(), TimeSpan.FromSeconds(options.Value.ForgetSeconds)))
        {
            LogForgotten(NodeId);
            await Remove();
        }
        else if (Record.Registration is null)
        {
            await UntilBroken(Directory.Remove(NodeId));
            await EndSessions();
        }
        else if (!Record.Lost)
        {
            _lookTimer ??= this.RegisterGrainTimer(_ => LookAtRows(), MomentOfLook(), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A lost message may have left it fuller than it is, or streaming what is dropped.</summary>
    async Task LookAtRows()
    {
        _lookTimer?.Dispose();
        _lookTimer = null;
        try
        {
            await Owner.Look();
            RoomChanged();
        }
        catch (Exception exception)
        {
            LogNotLooked(NodeId, exception);
        }
    }

    /// <summary>Nodes take turns until the next sweep: if all read their rows at once, every mint would wait for all of that.</summary>
    TimeSpan MomentOfLook() => _sweep * (this.GetGrainId().GetUniformHashCode() / (double)uint.MaxValue);

    /// <summary>
    /// Ends or moves what a node had that is lost or deleted, after a new epoch: no mint and no move that was promised a place here
    /// lands any more. Who cannot be reached is left to the sweep.
    /// </summary>
    Task EndSessions() => _ending.IsCompleted ? _ending = EndEach() : _ending;

    async Task EndEach()
    {
        await Owner.MoveOn();
        await Each(_places.All.Select(holding => holding.SessionId).Order(StringComparer.Ordinal).ToArray(), async sessionId =>
        {
            // Unless it has come back meanwhile.
            if (Record.Registration is null || Record.Lost)
                await Session(sessionId).NodeLost(NodeId, deleted: Record.Registration is null);
        });
    }
}
