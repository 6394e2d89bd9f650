using System.Collections.Immutable;

namespace SessionManager.Nodes;

/// <summary>
/// Callers who wait for a place, in the order they came (<c>Prefer: wait</c>). While an account decides about a place that was kept
/// for one of its callers, its others are passed over: the first to come is the first to be judged by its account's limits.
/// </summary>
public sealed class Waiters
{
    /// <summary>How many callers may wait; more are told at once that nothing is free.</summary>
    const int MaxWaiting = 10_000;

    readonly LinkedList<WaitingCaller> _waiting = [];
    readonly Dictionary<string, KeptPlace> _deciding = new(StringComparer.Ordinal);

    public bool IsFull => _waiting.Count >= MaxWaiting;

    public LinkedListNode<WaitingCaller>? First => _waiting.First;

    public LinkedListNode<WaitingCaller> Add(WaitingCaller caller) => _waiting.AddLast(caller);

    public void Remove(LinkedListNode<WaitingCaller> seat)
    {
        if (seat.List is not null)
            _waiting.Remove(seat);
    }

    /// <summary>How many wait, by what they ask for.</summary>
    public ImmutableArray<WaitingCallers> Counts() =>
        [.. _waiting.CountBy(caller => caller.Placement.NeedsImageToVideo).Select(asked => new WaitingCallers(asked.Key, asked.Value))];

    /// <summary>Whether a place may be looked for on this caller's behalf.</summary>
    public bool IsTheTurnOf(WaitingCaller caller, DateTimeOffset now) =>
        !caller.Answer.Task.IsCompleted && !(_deciding.TryGetValue(caller.AccountId, out var kept) && now < kept.Until);

    /// <summary>Hands the place to the caller; false: the caller has gone meanwhile.</summary>
    public bool Keep(WaitingCaller caller, KeptPlace place)
    {
        if (!caller.Answer.TrySetResult(place.NodeId))
            return false;
        _deciding[caller.AccountId] = place;
        return true;
    }

    /// <summary>The account has decided about the place kept for this session. null: nothing is known of it, or it was decided before.</summary>
    public KeptPlace? Decided(string sessionId)
    {
        foreach (var (accountId, kept) in _deciding)
        {
            if (kept.SessionId != sessionId)
                continue;
            _deciding.Remove(accountId);
            return kept;
        }

        return null;
    }
}

public sealed record WaitingCaller(string SessionId, string AccountId, Placement Placement)
{
    /// <summary>The node that keeps a place; null: the time is over.</summary>
    public TaskCompletionSource<string?> Answer { get; } = new();
}

/// <param name="Until">When it is taken for lost that nobody has decided.</param>
public sealed record KeptPlace(string SessionId, string NodeId, PlacePromise Promise, DateTimeOffset Until);
