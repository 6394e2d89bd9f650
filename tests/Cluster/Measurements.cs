using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>The figures of docs/size.md, made again by its commands.</summary>
public sealed class Measurements(ITestOutputHelper output)
{
    const int LiveSessions = 100_000;
    const int Width = 64;

    /// <summary>Enough to keep every process busy: with fewer, a silo of three wakes up for each single message.</summary>
    const int Callers = 640;

    /// <summary>An account writes all its leases with each commit: few accounts would measure that.</summary>
    const int Accounts = 640;
    const int Nodes = 200;
    const int Places = 1_000;
    const long GigaByte = 1_000_000_000;

    /// <summary>Until everything is compiled for good and records are as large as they are in use: before that, two runs differ by a fifth.</summary>
    const int WarmUpTurns = 6;
    const int MeasuredTurns = 10;

    /// <summary>Short, because the machine's speed changes within a minute; long beside the one mint that each caller ends a turn with.</summary>
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    static readonly Dictionary<string, string> Settings = new()
    {
        ["Accounts__RequestsPerMinute"] = "100000000",
        ["Logins__HashIterations"] = "1000",
        ["Sessions__TokenSeconds"] = "3600",
        ["Sessions__IdleSeconds"] = "3600",
    };

    [MeasureFact]
    public async Task Three_silos_mint_as_many_sessions_a_second_as_one()
    {
        await using var one = await Contender.Start(silos: 1);
        await using var three = await Contender.Start(silos: 3);
        var (ones, threes) = (new List<double>(), new List<double>());
        // By turns, beside each other: whatever else the machine does slows both down.
        for (var turn = 0; turn < WarmUpTurns + MeasuredTurns; turn++)
        {
            ones.Add(await one.Mint(Turn));
            threes.Add(await three.Mint(Turn));
            output.WriteLine($"{(turn < WarmUpTurns ? "Warming up" : "Measured")}: one silo {ones[^1]:0} mints/s, three {threes[^1]:0}");
        }

        var (mean, rival) = (ones.Skip(WarmUpTurns).Average(), threes.Skip(WarmUpTurns).Average());
        output.WriteLine($"One silo: {mean:0} mints/s. Three on the same machine: {rival:0} mints/s.");
        Assert.True(rival >= mean, $"one: {mean:0}, three: {rival:0}");
    }

    [MeasureFact]
    public async Task A_silo_holds_100000_live_sessions_in_less_than_a_gigabyte()
    {
        await using var cluster = await LocalCluster.Start(silos: 1, Settings);
        await using var fleet = await Fleet.Register(cluster, Nodes, Places);
        var before = Memory(cluster.Silos[0]);
        var accounts = await new Roster(cluster).Make(Accounts, limit: LiveSessions);
        var load = new Load(cluster);
        var watch = Stopwatch.StartNew();
        await load.Mint(accounts, LiveSessions / accounts.Length + 1, Width);
        var after = Memory(cluster.Silos[0]);
        output.WriteLine($"{before / 1e6:0} MB before, {after / 1e6:0} MB with {load.Live.Count} sessions, minted in {watch.Elapsed.TotalSeconds:0} s: {(after - before) / load.Live.Count} bytes each");
        Assert.InRange(load.Live.Count, LiveSessions, int.MaxValue);
        Assert.InRange(after, 0, GigaByte);
    }

    /// <summary>Resident bytes.</summary>
    static long Memory(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }

    /// <summary>A cluster with nodes and accounts of its own, idle until it is its turn.</summary>
    sealed class Contender(LocalCluster cluster, Fleet fleet, Account[] accounts) : IAsyncDisposable
    {
        readonly Load _load = new(cluster);

        public static async Task<Contender> Start(int silos)
        {
            var cluster = await LocalCluster.Start(silos, Settings);
            var fleet = await Fleet.Register(cluster, Nodes, Places);
            return new(cluster, fleet, await new Roster(cluster).Make(Accounts, limit: LiveSessions));
        }

        public async ValueTask DisposeAsync()
        {
            await fleet.DisposeAsync();
            await cluster.DisposeAsync();
        }

        /// <returns>Mints a second.</returns>
        public async Task<double> Mint(TimeSpan turn)
        {
            var before = _load.Live.Count;
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(accounts.Chunk(accounts.Length / Callers).Select(async some =>
            {
                for (var next = 0; watch.Elapsed < turn; next++)
                    await _load.Mint(some[next % some.Length]);
            }));
            return (_load.Live.Count - before) / watch.Elapsed.TotalSeconds;
        }
    }
}
