using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace SessionManager.Tests;

/// <summary>
/// A cluster of real processes, started and ended by <c>deploy/local-cluster</c>. Their logs are kept in the folder that
/// <c>CLUSTER_LOGS</c> names, if it does.
/// </summary>
sealed class LocalCluster : IAsyncDisposable
{
    /// <summary>All stay below those that the system gives to outgoing connections.</summary>
    const int PortsEach = 20;
    static int _started;

    /// <summary>Debug or release: the processes are of the build that these tests are of.</summary>
    static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;

    readonly string _data;
    readonly int _ports;
    readonly IReadOnlyDictionary<string, string> _settings;
    readonly List<int> _silos;

    LocalCluster(string data, int ports, IReadOnlyDictionary<string, string> settings, Topology topology)
    {
        (_data, _ports, _settings) = (data, ports, settings);
        Apis = [.. topology.Apis.Select(api => new Uri(api.Url))];
        FrontEnds = [.. topology.Apis.Select(api => api.Pid)];
        _silos = [.. topology.Silos.Select(silo => silo.Pid)];
        Demo = JsonSerializer.Deserialize<DemoFile>(File.ReadAllText(topology.Demo), Wire.Json)!;
    }

    public IReadOnlyList<Uri> Apis { get; }

    /// <summary>Process ids, as their addresses are in <see cref="Apis"/>.</summary>
    public IReadOnlyList<int> FrontEnds { get; }

    /// <summary>Process ids, oldest first.</summary>
    public IReadOnlyList<int> Silos => _silos;

    public DemoFile Demo { get; }

    public static async Task<LocalCluster> Start(int silos, IReadOnlyDictionary<string, string> settings, int frontEnds = 2)
    {
        var data = Directory.CreateTempSubdirectory("cluster").FullName;
        if (!OperatingSystem.IsWindows())
            // The database runs as a user of its own, who must get through to its folder.
            File.SetUnixFileMode(data, (UnixFileMode)0b111_101_101);
        try
        {
            var ports = PortsEach * Interlocked.Increment(ref _started);
            var line = await Run(settings, "up", "--built", Configuration, "--silos", $"{silos}", "--apis", $"{frontEnds}", "--data", data, "--ports", $"{ports}");
            return new(data, ports, settings, JsonSerializer.Deserialize<Topology>(line, Wire.Json)!);
        }
        catch
        {
            Directory.Delete(data, recursive: true);
            throw;
        }
    }

    public void Kill(int silo)
    {
        Signal(silo, "KILL");
        _silos.Remove(silo);
    }

    public static void KillFrontEnd(int frontEnd) => Signal(frontEnd, "KILL");

    public static void Pause(int silo) => Signal(silo, "STOP");

    public static void Continue(int silo) => Signal(silo, "CONT");

    /// <summary>Asks the silo to end and waits until it has.</summary>
    public async Task Stop(int silo)
    {
        Signal(silo, "TERM");
        await Ended(silo);
    }

    /// <summary>Waits for a silo to end by itself.</summary>
    public async Task Ended(int silo)
    {
        await Eventually.Holds($"silo {silo} has ended", TimeSpan.FromSeconds(60), () => Task.FromResult(!Runs(silo)));
        _silos.Remove(silo);
    }

    public async Task AddSilos(int count)
    {
        var added = await Run(_settings, "add-silos", "--built", Configuration, "--silos", $"{count}", "--data", _data, "--ports", $"{_ports}");
        _silos.AddRange(added.Split('\n').Select(pid => int.Parse(pid, Wire.Invariant)));
    }

    public Task RestartPostgres() => Run(_settings, "restart-postgres", "--data", _data);

    public async ValueTask DisposeAsync()
    {
        await Run(_settings, "down", "--data", _data);
        if (Environment.GetEnvironmentVariable("CLUSTER_LOGS") is { Length: > 0 } logs)
            Directory.Move(Path.Combine(_data, "log"), Path.Combine(logs, Path.GetFileName(_data)));
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>One that has ended may still be listed, as a zombie, where nobody reaps it.</summary>
    static bool Runs(int pid)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{pid}/stat");
            return status[status.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    static void Signal(int pid, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{pid}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    static async Task<string> Run(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "deploy", "local-cluster"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"deploy/local-cluster {string.Join(' ', arguments)}: {await errors}");
        return (await output).Trim();
    }

    sealed record Topology(Api[] Apis, Silo[] Silos, string Demo);

    sealed record Api(string Url, int Pid);

    sealed record Silo(int Pid);
}

sealed record DemoFile(DemoLogin Admin, string ApiKey, string NodeKey, string NodeId);

sealed record DemoLogin(string Username, string Password);
