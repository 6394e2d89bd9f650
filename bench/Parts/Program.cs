using System.Text.Json;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using SessionManager.Parts;

// dotnet run -c Release --project bench/Parts            times the parts of a mint
// dotnet run -c Release --project bench/Parts -- --check compares what each allocates with allocated.json; exits with 1 where it is more
const double Tolerance = 1.1;
if (!args.Contains("--check"))
{
    BenchmarkRunner.Run<MintParts>(args: args);
    return 0;
}

// Times say nothing on a machine shared with others; how much is allocated is the same everywhere.
var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(1).WithIterationCount(3).WithInvocationCount(512).WithUnrollFactor(1);
var summary = BenchmarkRunner.Run<MintParts>(ManualConfig.CreateMinimumViable().AddJob(job).WithOptions(ConfigOptions.DisableLogFile));
var allowed = JsonSerializer.Deserialize<Dictionary<string, long>>(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "allocated.json")))!;
var failed = 0;
foreach (var report in summary.Reports)
{
    var name = report.BenchmarkCase.Descriptor.WorkloadMethod.Name;
    var bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
    var isAllowed = bytes is { } measured && allowed.TryGetValue(name, out var most) && measured <= most * Tolerance;
    Console.WriteLine($"{name}: {bytes} bytes allocated; allocated.json says {allowed.GetValueOrDefault(name)}{(isAllowed ? "" : ": too many")}");
    failed += isAllowed ? 0 : 1;
}

return failed == 0 && summary.Reports.Length == allowed.Count ? 0 : 1;
