using System.Threading.Channels;

namespace SessionManager.Api.Events;

/// <summary>
/// One reader's part of the events: a buffer of a fixed length, which a slow reader loses the oldest of and is told how many.
/// </summary>
sealed class Subscription(Func<ServerEvent, bool> concerns, int capacity)
{
    readonly Lock _gate = new();
    readonly Queue<ServerEvent> _waiting = new();
    readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    int _missed;

    public bool Concerns(ServerEvent news) => concerns(news);

    public void Offer(ServerEvent news)
    {
        if (!concerns(news))
            return;
        lock (_gate)
        {
            if (_waiting.Count == capacity)
            {
                _waiting.Dequeue();
                _missed++;
            }

            _waiting.Enqueue(news);
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Has the reader told that events were left out.</summary>
    public void Skip(int count)
    {
        lock (_gate)
            _missed += count;
        _signal.Writer.TryWrite(true);
    }

    /// <summary>Completes when <see cref="Take"/> has something.</summary>
    public async Task Wait(CancellationToken cancellation) => await _signal.Reader.ReadAsync(cancellation);

    /// <summary>All that waits, and how many were left out before it.</summary>
    public (IReadOnlyList<ServerEvent> Events, int Skipped) Take()
    {
        lock (_gate)
        {
            ServerEvent[] events = [.. _waiting];
            _waiting.Clear();
            (var skipped, _missed) = (_missed, 0);
            return (events, skipped);
        }
    }
}
