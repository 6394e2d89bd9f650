using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>One timer for whatever comes first: the deadline of a session that nobody has woken yet, or the end of the month's hours.</summary>
public sealed partial class AccountGrain
{
    TimeSpan Sweep => TimeSpan.FromSeconds(_sessionOptions.SweepSeconds);

    /// <summary>Sets the timer to the nearest instant. Costs nothing where it is set to that, or an earlier one, already.</summary>
    void ArmTimer()
    {
        var now = time.Now();
        var next = Clock.Earlier(_slots.NextDeadline, HoursUsedUpAt(now));
        if (next is not { } at || _timerAt <= at)
            return;
        _timerAt = at;
        // To end what is over already may just have failed; it is not tried again at once.
        var due = at > now ? at - now : TimeSpan.FromSeconds(1);
        // An activation without calls would be collected before that.
        DelayDeactivation(due + Sweep);
        if (_timer is null)
            _timer = this.RegisterGrainTimer(_ => Tick(), due, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    async Task Tick()
    {
        _timerAt = null;
        var now = time.Now();
        var due = _slots.TakeDue(now);
        var usedUp = HoursUsedUpAt(now) <= now;
        if (!usedUp)
            ArmTimer();
        await Each(due, sessionId => GrainFactory.GetGrain<ISessionGrain>(sessionId).Wake());
        if (!usedUp)
            return;
        await LookAtHours();
        await Each(
            _slots.All.Where(holding => holding.Session?.State == SessionState.Connected).ToArray(),
            holding => GrainFactory.GetGrain<ISessionGrain>(holding.SessionId).LimitsChanged());
        ArmTimer();
    }

    /// <summary>When the month's hours are used up if what streams now goes on; null: not this month.</summary>
    DateTimeOffset? HoursUsedUpAt(DateTimeOffset now)
    {
        if (MonthlyMilliseconds is not { } limit || !Hours.IsKnown(now))
            return null;
        var streams = Running.Count();
        if (streams == 0)
            return null;
        var at = StreamHours.UsedUpAt(limit - UsedMilliseconds(now), streams, now);
        return at < StreamHours.NextMonth(now) ? at : null;
    }

    /// <summary>False where some could not be reached, which are left to the sweep.</summary>
    async Task<bool> Each<T>(IReadOnlyList<T> items, Func<T, Task> act)
    {
        var all = true;
        await InParallel.Each(items, Width, item => UntilBroken(act(item)), (_, exception) =>
        {
            all = false;
            LogNotReached(AccountId, exception);
        });
        return all;
    }

    [LoggerMessage(201, LogLevel.Warning, "Account {AccountId} could not reach one of its sessions; it tries again at the next sweep.")]
    partial void LogNotReached(string accountId, Exception exception);
}
