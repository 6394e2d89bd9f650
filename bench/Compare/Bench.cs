using System.Globalization;
using System.Text.Json.Nodes;
using SessionManager.Tests;

namespace SessionManager.Compare;

/// <summary>The product beside a hand-written service (bench/Peer), or by itself with many sessions. Prints a table and a line of JSON.</summary>
/// <param name="warmUp">Seconds of load: until its code is compiled as it stays, a server is measured for its compiler.</param>
/// <param name="callers">One round for each number.</param>
sealed class Bench(Effort effort, double warmUp, int[] callers)
{
    static readonly Population Population = new(Accounts: 64, Nodes: 100);

    readonly JsonObject _result = [];

    public static async Task MeasureHeld()
    {
        using var postgres = PostgresServer.StartDurable();
        Console.WriteLine((await new HeldSessions(postgres.CreateDatabase, Population).Measure()).ToJsonString());
    }

    public async Task MeasureCluster()
    {
        using var postgres = PostgresServer.StartDurable();
        PrintHead();
        await using var cluster = await LocalCluster.Start(Population);
        await using var peer = await ServerProcess.StartPeer(postgres.CreateDatabase(), Population);
        await WarmUp(cluster, peer);
        foreach (var count in callers)
            _result[NameOf(count)] = await new Contest("three silos, PostgreSQL", cluster, peer, count, effort).Run();
        PrintResult();
    }

    public async Task MeasureServers()
    {
        using var postgres = PostgresServer.StartDurable();
        PrintHead();
        await Measure("postgres", postgres.CreateDatabase(), postgres.CreateDatabase(), hotAccount: true);
        await Measure("sqlite", null, null, hotAccount: false);
        await using (var alone = await ServerProcess.StartProduct(postgres.CreateDatabase(), Population))
            _result["idle_session_bytes"] = Math.Round(await IdleSessions.Bytes(alone, effort.Seconds));
        PrintResult();
    }

    async Task Measure(string storage, string? ourDatabase, string? theirDatabase, bool hotAccount)
    {
        await using var product = await ServerProcess.StartProduct(ourDatabase, Population);
        await using var peer = await ServerProcess.StartPeer(theirDatabase, Population);
        await WarmUp(product, peer);
        var figures = new JsonObject();
        foreach (var count in callers)
            figures[NameOf(count)] = await new Contest(storage, product, peer, count, effort).Run();
        _result[storage] = figures;
        if (hotAccount)
            _result["hot_account"] = await new Contest($"{storage}, one account", product, peer, 64, effort, oneAccount: true).Run();
    }

    async Task WarmUp(params IMeasured[] servers)
    {
        foreach (var server in servers)
            await Drive.Run(server, callers: 64, warmUp);
    }

    void PrintHead() => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"""
        {Environment.ProcessorCount} processors, shared by server, database and load; {effort.Pairs} pairs of {effort.Seconds} s; {Population.Accounts} accounts, {Population.Nodes} nodes; each server warm after {warmUp} s of load.
        p99: at half the slower one's rate, from the instant each request was due.

        {Contest.TableHead}
        """));

    void PrintResult()
    {
        Console.WriteLine();
        Console.WriteLine(_result.ToJsonString());
    }

    static string NameOf(int count) => string.Create(CultureInfo.InvariantCulture, $"c{count}");
}
