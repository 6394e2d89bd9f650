using System.Diagnostics;
using System.Text.Json.Nodes;
using SessionManager.Tests;

namespace SessionManager.Compare;

/// <summary>Three silos and two front ends with a PostgreSQL of their own: <c>deploy/local-cluster</c>.</summary>
sealed class LocalCluster : IMeasured, IAsyncDisposable
{
    static readonly string Script = Path.Combine(Repository.Root, "deploy", "local-cluster");

    readonly DirectoryInfo _folder;
    readonly int[] _processes;

    LocalCluster(DirectoryInfo folder, JsonNode topology)
    {
        _folder = folder;
        Addresses = [.. topology["apis"]!.AsArray().Select(api => new Uri(api!["url"]!.GetValue<string>()))];
        _processes = [.. topology["apis"]!.AsArray().Concat(topology["silos"]!.AsArray()).Select(one => one!["pid"]!.GetValue<int>())];
    }

    public IReadOnlyList<Uri> Addresses { get; }

    public string KeysFile => Path.Combine(_folder.FullName, "keys.txt");

    public TimeSpan ProcessorTime => TimeSpan.FromTicks(_processes.Sum(id =>
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime.Ticks;
    }));

    public static async Task<LocalCluster> Start(Population population)
    {
        var folder = Directory.CreateTempSubdirectory("bench");
        if (!OperatingSystem.IsWindows())
            // The database runs as a user of its own, who must get through to its folder.
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        var topology = JsonNode.Parse(await Run("up", "--data", folder.FullName))!;
        var cluster = new LocalCluster(folder, topology);
        var demo = JsonNode.Parse(await File.ReadAllTextAsync(topology["demo"]!.GetValue<string>()))!;
        await File.WriteAllLinesAsync(cluster.KeysFile, await Fleet.Make(cluster.Addresses[0], demo, population));
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        await Run("down", "--data", _folder.FullName);
        _folder.Delete(recursive: true);
    }

    static async Task<string> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Script, arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in ServerProcess.Unlimited)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim().Split('\n')[^1] : throw new InvalidOperationException($"{Script} failed; see above.");
    }
}
