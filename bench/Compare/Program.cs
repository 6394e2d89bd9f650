using System.Globalization;
using System.Text.Json.Nodes;
using SessionManager.Compare;
using SessionManager.Tests;

// Measures the product beside a hand-written service (bench/Peer): bench/run [--seconds N] [--pairs N] [--callers 1,16,64,256] [--warm-up N];
// as a cluster: --cluster; or by itself with many sessions: bench/run --held
var effort = new Effort(Option("--seconds", 4), (int)Option("--pairs", 3));
var warmUp = Option("--warm-up", 15);
var callers = Text("--callers", "1,16,64,256").Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();
var population = new Population(Accounts: 64, Nodes: 100);
var result = new JsonObject();
using var postgres = PostgresServer.StartDurable();
if (args is ["--held"])
{
    Console.WriteLine((await new HeldSessions(postgres.CreateDatabase, population).Measure()).ToJsonString());
    return;
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"""
    {Environment.ProcessorCount} processors, shared by server, database and load; {effort.Pairs} pairs of {effort.Seconds} s; {population.Accounts} accounts, {population.Nodes} nodes; each server warm after {warmUp} s of load.
    p99: at half the slower one's rate, from the instant each request was due.

    {Contest.TableHead}
    """));
if (args.Contains("--cluster"))
{
    await MeasureCluster();
    return;
}

await Measure("postgres", postgres.CreateDatabase(), postgres.CreateDatabase(), hotAccount: true);
await Measure("sqlite", null, null, hotAccount: false);
await using (var alone = await ServerProcess.StartProduct(postgres.CreateDatabase(), population))
    result["idle_session_bytes"] = Math.Round(await IdleSessions.Bytes(alone, effort.Seconds));
Console.WriteLine();
Console.WriteLine(result.ToJsonString());

async Task MeasureCluster()
{
    await using var cluster = await LocalCluster.Start(population);
    await using var peer = await ServerProcess.StartPeer(postgres.CreateDatabase(), population);
    await WarmUp(cluster, peer);
    foreach (var count in callers)
        result[Callers(count)] = await new Contest("three silos, PostgreSQL", cluster, peer, count, effort).Run();
    Console.WriteLine();
    Console.WriteLine(result.ToJsonString());
}

async Task Measure(string storage, string? ourDatabase, string? theirDatabase, bool hotAccount)
{
    await using var product = await ServerProcess.StartProduct(ourDatabase, population);
    await using var peer = await ServerProcess.StartPeer(theirDatabase, population);
    await WarmUp(product, peer);
    var figures = new JsonObject();
    foreach (var count in callers)
        figures[Callers(count)] = await new Contest(storage, product, peer, count, effort).Run();
    result[storage] = figures;
    if (hotAccount)
        result["hot_account"] = await new Contest($"{storage}, one account", product, peer, 64, effort, oneAccount: true).Run();
}

// Until its code is compiled as it stays, a server is measured for its compiler.
async Task WarmUp(params IMeasured[] servers)
{
    foreach (var server in servers)
        await Drive.Run(server, callers: 64, warmUp);
}

static string Callers(int count) => string.Create(CultureInfo.InvariantCulture, $"c{count}");

double Option(string name, double otherwise) => double.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string Text(string name, string otherwise)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
