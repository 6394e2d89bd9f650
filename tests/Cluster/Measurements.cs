using System.Diagnostics;
using Xunit.Abstractions;

namespace SessionManager.Tests;

/// <summary>The figures of docs/operations.md, made again by its commands.</summary>
public sealed class Measurements(ITestOutputHelper output)
{
    const int LiveSessions = 100_000;
    const long GigaByte = 1_000_000_000;
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    static readonly TimeSpan Measured = TimeSpan.FromSeconds(15);

    [MeasureFact]
    public async Task Three_silos_mint_as_many_sessions_a_second_as_one()
    {
        var one = await MintsASecond(silos: 1);
        var three = await MintsASecond(silos: 3);
        output.WriteLine($"One silo: {one:0} mints/s. Three on the same machine: {three:0} mints/s.");
        Assert.True(three >= one, $"one: {one:0}, three: {three:0}");
    }

    [MeasureFact]
    public async Task A_silo_holds_100000_live_sessions_in_less_than_a_gigabyte()
    {
        await using var cluster = await LocalCluster.Start(silos: 1, Settings);
        var before = Memory(cluster.Silos[0]);
        var accounts = await new Roster(cluster).Make(64, limit: LiveSessions);
        var load = new Load(cluster);
        await load.Mint(accounts, LiveSessions / accounts.Length, width: 64);
        var after = Memory(cluster.Silos[0]);
        output.WriteLine($"{before / 1e6:0} MB before, {after / 1e6:0} MB with {load.Live.Count} sessions: {(after - before) / load.Live.Count} bytes each");
        Assert.InRange(after, 0, GigaByte);
    }

    static readonly Dictionary<string, string> Settings = new()
    {
        ["Accounts__RequestsPerMinute"] = "100000000",
        ["Logins__HashIterations"] = "1000",
        ["Demo__NodeCapacity"] = "1000000",
        ["Sessions__TokenSeconds"] = "3600",
        ["Sessions__IdleSeconds"] = "3600",
    };

    static async Task<double> MintsASecond(int silos)
    {
        await using var cluster = await LocalCluster.Start(silos, Settings);
        var accounts = await new Roster(cluster).Make(64, limit: LiveSessions);
        await Mint(cluster, accounts, WarmUp);
        return await Mint(cluster, accounts, Measured);
    }

    static async Task<double> Mint(LocalCluster cluster, Account[] accounts, TimeSpan time)
    {
        var load = new Load(cluster);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(accounts.Select(async account =>
        {
            while (watch.Elapsed < time)
                await load.Mint(account);
        }));
        return load.Live.Count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Resident bytes.</summary>
    static long Memory(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64;
    }
}
