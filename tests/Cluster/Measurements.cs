using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>The figures of docs/operations.md, made again by its commands.</summary>
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
    const int Rounds = 2;
    const long GigaByte = 1_000_000_000;

    /// <summary>Until everything is compiled for good and records are as large as they are in use: before that, two runs differ by a fifth.</summary>
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(90);
    static readonly TimeSpan Measured = TimeSpan.FromSeconds(60);

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
        var (one, three) = (0.0, 0.0);
        // In turn: whatever else the machine does then slows both down.
        for (var round = 0; round < Rounds; round++)
        {
            one += await MintsASecond(silos: 1) / Rounds;
            three += await MintsASecond(silos: 3) / Rounds;
        }

        output.WriteLine($"One silo: {one:0} mints/s. Three on the same machine: {three:0} mints/s.");
        Assert.True(three >= one, $"one: {one:0}, three: {three:0}");
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

    async Task<double> MintsASecond(int silos)
    {
        await using var cluster = await LocalCluster.Start(silos, Settings);
        await using var fleet = await Fleet.Register(cluster, Nodes, Places);
        var accounts = await new Roster(cluster).Make(Accounts, limit: LiveSessions);
        await Mint(cluster, accounts, WarmUp);
        int[] processes = [.. cluster.Silos, .. cluster.FrontEnds];
        var before = processes.Select(Used).ToArray();
        var rate = await Mint(cluster, accounts, Measured);
        var used = processes.Select(Used).Zip(before, (now, then) => $"{(now - then) / Measured:0.00}");
        output.WriteLine($"{silos} silos: {rate:0} mints/s; cores used by silos and front ends: {string.Join(' ', used)}");
        return rate;
    }

    static async Task<double> Mint(LocalCluster cluster, Account[] accounts, TimeSpan time)
    {
        var load = new Load(cluster);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(accounts.Chunk(accounts.Length / Callers).Select(async some =>
        {
            for (var turn = 0; watch.Elapsed < time; turn++)
                await load.Mint(some[turn % some.Length]);
        }));
        return load.Live.Count / watch.Elapsed.TotalSeconds;
    }

    static TimeSpan Used(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime;
    }

    /// <summary>Resident bytes.</summary>
    static long Memory(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }
}
