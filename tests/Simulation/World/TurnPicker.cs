using SessionManager.Simulation.Runtime;

namespace SessionManager.Simulation;

/// <summary>Runs every turn of the world, one at a time, in an order drawn from the seed.</summary>
sealed class TurnPicker(Rng rng, VirtualTime time, TurnPicker.Order order) : ITurnScheduler
{
    readonly List<ITurnSource> _ready = [];
    readonly Thread _thread = Thread.CurrentThread;

    public enum Order
    {
        Any,
        MostlyOldest,
        MostlyNewest,
    }

    /// <summary>How likely it is that a grain gets no processor for a while when it has something to do.</summary>
    public double StallChance { get; set; }

    public long Turns { get; private set; }

    /// <summary>Differs between two runs as soon as they run their turns in different orders.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>Whose turn was scheduled from another thread: the run cannot be replayed, and is over.</summary>
    public volatile string? FromElsewhere;

    /// <summary>Called before each turn with whose it is.</summary>
    public Action<string>? Running { get; set; }

    /// <summary>Called when a grain is stalled.</summary>
    public Action<string, TimeSpan>? Stalled { get; set; }

    public void Enqueue(ITurnSource source)
    {
        if (Thread.CurrentThread != _thread)
        {
            FromElsewhere = source.Name;
            return;
        }

        if (StallChance > 0 && source is not Outside.Turn && rng.Chance(StallChance))
        {
            var pause = rng.Chance(0.5) ? rng.Seconds(0, 3) : rng.Seconds(0, 40);
            Stalled?.Invoke(source.Name, pause);
            time.CreateTimer(_ => _ready.Add(source), null, pause, Timeout.InfiniteTimeSpan);
            return;
        }

        _ready.Add(source);
    }

    /// <summary>Runs one turn; false where there is none to run.</summary>
    public bool RunOne()
    {
        if (_ready.Count == 0)
            return false;
        var index = order switch
        {
            Order.MostlyOldest when rng.Chance(0.9) => 0,
            Order.MostlyNewest when rng.Chance(0.7) => _ready.Count - 1,
            _ => rng.Below(_ready.Count),
        };
        var source = _ready[index];
        _ready.RemoveAt(index);
        Turns++;
        Running?.Invoke(source.Name);
        Trace = (Trace ^ (ulong)index ^ ((ulong)_ready.Count << 20)) * 1099511628211;
        source.RunTurn();
        return true;
    }
}
