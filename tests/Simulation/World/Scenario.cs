using System.Collections.Immutable;
using System.Globalization;
using SessionManager.Accounts;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

[Flags]
public enum Fault
{
    None = 0,
    Crash = 1,
    Storage = 2,
    Unknown = 4,
    Latency = 8,
    Stall = 16,
    Zombie = 32,
    Collection = 64,
    Jump = 128,
    Network = 256,
    Nodes = 512,
    Admin = 1024,
    All = 2047,
}

/// <summary>What a world is full of that is rare in the others. Such worlds are small and short.</summary>
public enum Emphasis
{
    None,

    /// <summary>Two processes nearly all the time, and whoever asks one asks the other as well.</summary>
    Splits,

    /// <summary>Single faults aimed at one write of one request, with calm around them, and at once whatever should know of what was cut off.</summary>
    Cuts,

    /// <summary>Groups that come at one instant, many of them into the queue, where there is room for all.</summary>
    Groups,
}

/// <summary>
/// Which run: a seed, and what the shrinker has taken away from it. Its text is what <c>--replay</c> takes.
/// </summary>
public sealed record Scenario(ulong Seed)
{
    /// <summary>Another order of turns and faults for the same clients, nodes and administrators.</summary>
    public int Salt { get; init; }

    public Fault Without { get; init; }

    public ImmutableSortedSet<int> SkippedClients { get; init; } = [];

    /// <summary>SEED[/salt=N][/without=FAULT,…][/skip=N,…]</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Scenario Parse(string text)
    {
        var parts = text.Split('/');
        var scenario = new Scenario(ulong.Parse(parts[0], CultureInfo.InvariantCulture));
        foreach (var part in parts.Skip(1))
        {
            var value = part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..];
            scenario = part.Split('=')[0] switch
            {
                "salt" => scenario with { Salt = int.Parse(value, CultureInfo.InvariantCulture) },
                "without" => scenario with { Without = Enum.Parse<Fault>(value) },
                "skip" => scenario with { SkippedClients = [.. value.Split(',').SelectMany(Range)] },
                _ => throw new FormatException($"'{part}' is no part of a scenario."),
            };
        }

        return scenario;

        static IEnumerable<int> Range(string text)
        {
            var ends = text.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }
    }

    public override string ToString() =>
        Seed.ToString(CultureInfo.InvariantCulture)
        + (Salt == 0 ? "" : $"/salt={Salt}")
        + (Without == Fault.None ? "" : $"/without={Without.ToString().Replace(" ", "", StringComparison.Ordinal)}")
        + (SkippedClients.IsEmpty ? "" : $"/skip={string.Join(',', Ranges())}");

    IEnumerable<string> Ranges()
    {
        var numbers = SkippedClients.ToArray();
        for (var first = 0; first < numbers.Length;)
        {
            var last = first;
            while (last + 1 < numbers.Length && numbers[last + 1] == numbers[last] + 1)
                last++;
            yield return first == last ? $"{numbers[first]}" : $"{numbers[first]}-{numbers[last]}";
            first = last + 1;
        }
    }
}

/// <summary>What the seed makes of the world before anything happens in it.</summary>
sealed class Plan
{
    public Plan(Scenario scenario)
    {
        var rng = Rng.Of(scenario.Seed, 1);
        Emphasis = Emphasise(scenario.Seed);
        // Short times crowd more events into the hour; the real ones find what only waiting long brings about.
        IsDense = rng.Chance(0.3) | Emphasis != Emphasis.None;
        var crowd = rng.Pick(1, 1, 4, 8);
        Crowd = Emphasis switch
        {
            Emphasis.None => crowd,
            Emphasis.Groups => 8,
            _ => 1,
        };
        var token = IsDense ? rng.Between(20, 90) : 600;
        // There what a sweep puts right must not be taken for what has merely lapsed.
        token *= Emphasis == Emphasis.Cuts ? 4 : 1;
        Sessions = new SessionOptions
        {
            TokenSeconds = token,
            IdleSeconds = IsDense ? token + rng.Between(0, 60) : 900,
            SweepSeconds = !IsDense ? 30 : rng.Between(3, 30) / (Emphasis == Emphasis.Cuts ? 3 : 1),
            RetentionSeconds = rng.Chance(0.2) ? rng.Between(30, 3600) : 86_400,
        };
        Nodes = new NodeOptions { LeaseSeconds = IsDense ? rng.Between(4, 15) : rng.Pick(15, 30, 60) };
        Accounts = new AccountOptions
        {
            MaxConcurrent = rng.Pick(1, 2, 3, 5, 8) * Crowd,
            MaxStreamSeconds = rng.Chance(0.3) ? rng.Between(token / 2, token * 4) : null,
            MonthlyHours = rng.Chance(0.2) ? rng.Between(1, 40) / 10.0 : null,
        };
        AccountCount = rng.Between(1, 4);
        NodeCount = rng.Between(1, 4);
        Clients = (IsDense ? rng.Between(40, 200) : rng.Between(80, 400)) * (Emphasis == Emphasis.Groups ? 1 : Crowd);
        Span = IsDense ? rng.Seconds(200, 900) : rng.Seconds(3600, 3 * 3600);
        var month = new DateTimeOffset(2026, rng.Between(1, 12), 1, 0, 0, 0, TimeSpan.Zero);
        // Many see a day end, some of them a month.
        Start = rng.Chance(0.2) ? month - rng.Seconds(0, Span.TotalSeconds)
            : rng.Chance(0.3) ? month.AddDays(rng.Between(3, 20)) - rng.Seconds(0, Span.TotalSeconds)
            : month + rng.Seconds(3 * 86_400, 20 * 86_400);
        ThroughJson = rng.Chance(0.1);
        Order = rng.Pick(TurnPicker.Order.Any, TurnPicker.Order.MostlyOldest, TurnPicker.Order.MostlyNewest);
        var faults = Fault.None;
        foreach (var fault in Enum.GetValues<Fault>().Where(fault => fault is not (Fault.None or Fault.All)))
        {
            if (rng.Chance(fault == Fault.Zombie ? 0.15 : 0.55))
                faults |= fault;
        }

        faults = Emphasis switch
        {
            Emphasis.Splits => faults | Fault.Zombie | Fault.Storage | Fault.Latency | Fault.Admin,
            Emphasis.Cuts => (faults | Fault.Crash | Fault.Storage | Fault.Unknown | Fault.Latency | Fault.Admin | Fault.Nodes) & ~Fault.Zombie,
            Emphasis.Groups => faults & ~(Fault.Zombie | Fault.Stall | Fault.Latency),
            _ => faults,
        };
        Faults = faults & ~scenario.Without;
        Intensity = rng.Pick(0.3, 1, 3);
        // Long enough for keys, old sessions and lost nodes to be forgotten.
        HasNight = rng.Chance(0.05);
        KeyedMints = Emphasis switch
        {
            Emphasis.Splits => Rng.Of(scenario.Seed, 8).Pick(0.9, 0.9, 0.3),
            Emphasis.Cuts => 0.7,
            _ => 0.4,
        };
    }

    public Emphasis Emphasis { get; }

    public bool IsDense { get; }

    /// <summary>How many times as many clients, slots and places there are as in a small world, where most go away empty-handed.</summary>
    public int Crowd { get; }
    public SessionOptions Sessions { get; }
    public NodeOptions Nodes { get; }
    public AccountOptions Accounts { get; }
    public int AccountCount { get; }
    public int NodeCount { get; }
    public int Clients { get; }

    /// <summary>How long clients keep coming.</summary>
    public TimeSpan Span { get; }
    public DateTimeOffset Start { get; }
    public bool ThroughJson { get; }
    public TurnPicker.Order Order { get; }
    public Fault Faults { get; }

    /// <summary>The share of the mints that have an Idempotency-Key.</summary>
    public double KeyedMints { get; }

    /// <summary>When all is over, a day goes by.</summary>
    public bool HasNight { get; }

    /// <summary>How often faults strike, against the usual.</summary>
    public double Intensity { get; }

    public bool Has(Fault fault) => (Faults & fault) != 0;

    static Emphasis Emphasise(ulong seed) => Rng.Of(seed, 7).Below(20) switch
    {
        0 or 1 => Emphasis.Splits,
        2 or 3 => Emphasis.Cuts,
        4 => Emphasis.Groups,
        _ => Emphasis.None,
    };
}
