using System.Threading.Channels;

namespace SessionManager.Api.Events;

/// <summary>
/// One reader's part of the events: a buffer of a fixed length, which a slow reader loses the oldest of and is told how many.
/// </summary>
sealed class Subscription(Func<ServerEvent, bool> concerns, int capacity)
{
    readonly Lock gate = new();
    readonly Queue<ServerEvent> waiting = new();
    readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    int missed;

    public bool Concerns(ServerEvent news) => concerns(news);

    public void Offer(ServerEvent news)
    {
        if (!concerns(news))
            return;
        lock (gate)
        {
            if (waiting.Count == capacity)
            {
                waiting.Dequeue();
                missed++;
            }

            waiting.Enqueue(news);
        }

        signal.Writer.TryWrite(true);
    }

    /// <summary>Has the reader told that events were left out.</summary>
    public void Skip(int count)
    {
        lock (gate)
            missed += count;
        signal.Writer.TryWrite(true);
    }

    /// <summary>Completes when <see cref="Take"/> has something.</summary>
    public async Task Wait(CancellationToken cancellation) => await signal.Reader.ReadAsync(cancellation);

    /// <summary>All that waits, and how many were left out before it.</summary>
    public (IReadOnlyList<ServerEvent> Events, int Skipped) Take()
    {
        lock (gate)
        {
            ServerEvent[] events = [.. waiting];
            waiting.Clear();
            (var skipped, missed) = (missed, 0);
            return (events, skipped);
        }
    }
}
