using System.Collections.Immutable;
using SessionManager.Lists;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>The durable history, with a database's faults. Idempotent by (session, seq), as the contract says.</summary>
sealed class SimulatedJournal(VirtualTime time, Rng rng) : ISessionJournal
{
    readonly Dictionary<string, SortedDictionary<int, SessionEvent>> _timelines = [];

    public double FailBefore { get; set; }
    public double FailAfter { get; set; }
    public double Slow { get; set; }

    public Action<string, TimeSpan>? OnFault { get; set; }

    /// <summary>Two different events were given for one number.</summary>
    public Action<string, SessionEvent, SessionEvent>? OnRewrite { get; set; }

    public IReadOnlyDictionary<int, SessionEvent> Timeline(string sessionId) =>
        _timelines.TryGetValue(sessionId, out var timeline) ? timeline : ImmutableDictionary<int, SessionEvent>.Empty;

    public Task Append(Session session, ImmutableArray<SessionEvent> events)
    {
        var answer = new TaskCompletionSource();
        var draw = rng.Unit();
        var failBefore = draw < FailBefore;
        var failAfter = !failBefore && draw < FailBefore + FailAfter;
        var delay = rng.Chance(Slow) ? rng.Seconds(0.1, 20) : TimeSpan.FromMilliseconds(rng.Between(1, 10));
        if (failBefore || failAfter || delay > TimeSpan.FromMilliseconds(10))
            OnFault?.Invoke($"{(failBefore ? "FailBefore" : failAfter ? "FailAfter" : "slow")} for {delay.TotalSeconds:0.000} s at {session.SessionId}", delay);
        time.CreateTimer(
            _ =>
            {
                if (!failBefore)
                    Keep(session.SessionId, events);
                if (failBefore || failAfter)
                    answer.SetException(new TimeoutException("The journal does not answer."));
                else
                    answer.SetResult();
            },
            null,
            delay,
            Timeout.InfiniteTimeSpan);
        return answer.Task;
    }

    void Keep(string sessionId, ImmutableArray<SessionEvent> events)
    {
        if (!_timelines.TryGetValue(sessionId, out var timeline))
            _timelines[sessionId] = timeline = [];
        foreach (var told in events)
        {
            if (!timeline.TryAdd(told.Seq, told) && timeline[told.Seq] != told)
                OnRewrite?.Invoke(sessionId, timeline[told.Seq], told);
        }
    }
}
