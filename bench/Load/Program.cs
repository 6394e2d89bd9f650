using System.Globalization;
using SessionManager.Load;

// dotnet run --configuration Release --project bench/Load [-- seconds]
// Starts a server of its own and prints how many mints a second it answers, and how fast. Storage__Provider and
// Storage__ConnectionString choose the database, as they do for the server.
var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
const int Nodes = 100;
const int Accounts = 64;

using var server = await Server.Start();
var fleet = new Fleet(server);
await fleet.RegisterNodes(Nodes, capacity: 100_000);
var keys = await fleet.OpenAccounts(Accounts);
Console.WriteLine($"""
    Engine {server.Engine}, storage {server.Storage}; {Environment.ProcessorCount} processors, shared by server and load.
    Each line: {seconds} s after a warm-up; {Nodes} nodes; sessions are durable before they are answered for.
    CPU: what the server spent on a request, on all processors.

    | request                         | callers |   per s | p50 ms | p99 ms | max ms | CPU ms |
    |---------------------------------|--------:|--------:|-------:|-------:|-------:|-------:|
    """);

await Measure("GET /ping (HTTP alone)", 16, _ => RawRequest.Get("/ping"));
await Measure("GET /regions (HTTP and the key)", 16, caller => RawRequest.Get("/regions", keys[caller % keys.Length]));
foreach (var callers in new[] { 1, 16, 64 })
    await Measure("POST /credentials", callers, caller => RawRequest.Post("/credentials", keys[caller % keys.Length]));
await Measure("POST /credentials, one account", 64, _ => RawRequest.Post("/credentials", keys[0]));

Console.WriteLine($"""

    Start to ready: {server.StartTime.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s.
    Peak memory of the server: {server.PeakMemoryBytes() / (1024 * 1024)} MB.
    """);

async Task Measure(string name, int callers, Func<int, byte[]> request)
{
    await Burst.Run(server.Address, callers, TimeSpan.FromSeconds(1), request);
    var before = server.ProcessorTime;
    var result = await Burst.Run(server.Address, callers, TimeSpan.FromSeconds(seconds), request);
    var spent = (server.ProcessorTime - before).TotalMilliseconds / result.Ticks.Length;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {name,-31} | {callers,7} | {result.PerSecond,7:0} | {result.Percentile(50),6:0.00} | {result.Percentile(99),6:0.00} | {result.Percentile(100),6:0.0} | {spent,6:0.000} |"));
}
