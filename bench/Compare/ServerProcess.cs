using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace SessionManager.Compare;

/// <summary>A server under measurement, in a process of its own with a folder of its own.</summary>
sealed class ServerProcess : IMeasured, IAsyncDisposable
{
    /// <summary>Without limits that would be measured instead of the server.</summary>
    public static readonly IReadOnlyDictionary<string, string> Unlimited = new Dictionary<string, string>
    {
        ["Accounts__MaxConcurrent"] = "10000000",
        ["Accounts__RequestsPerMinute"] = "100000000",
        ["Nodes__LeaseSeconds"] = "3600",
        ["Logins__HashIterations"] = "1",
    };

    readonly ProcessStartInfo _start;
    readonly DirectoryInfo _folder;
    Process _process;

    ServerProcess(ProcessStartInfo start, DirectoryInfo folder, Process process, Uri address)
    {
        _start = start;
        _folder = folder;
        _process = process;
        Address = address;
    }

    public Uri Address { get; private set; }
    public IReadOnlyList<Uri> Addresses => [Address];
    public int ProcessId => _process.Id;

    /// <summary>In bytes.</summary>
    public long ResidentMemory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What the demo data is: an administrator's login, a node's key.</summary>
    public JsonNode Demo => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.FullName, "demo.json")))!;

    public string KeysFile => Path.Combine(_folder.FullName, "keys.txt");

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="postgres">A connection string; null: SQLite.</param>
    public static async Task<ServerProcess> StartProduct(string? postgres, Population population, params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("bench");
        var environment = new Dictionary<string, string>
        {
            ["DATA_DIR"] = folder.FullName,
            ["PORT"] = "0",
            ["Demo__Enabled"] = "true",
            ["Demo__NodeCapacity"] = "1",
            ["Demo__Streamer"] = "false",
        };
        foreach (var (name, value) in Unlimited)
            environment[name] = value;
        if (postgres is not null)
        {
            environment["Storage__Provider"] = "PostgreSQL";
            environment["Storage__ConnectionString"] = postgres;
        }

        foreach (var (name, value) in settings)
            environment[name] = value;
        var server = await Start("SessionManager.Api.dll", folder, environment);
        await File.WriteAllLinesAsync(server.KeysFile, await Fleet.Make(server.Address, server.Demo, population));
        return server;
    }

    /// <param name="postgres">A connection string; null: SQLite.</param>
    public static Task<ServerProcess> StartPeer(string? postgres, Population population)
    {
        var folder = Directory.CreateTempSubdirectory("bench");
        return Start("SessionManager.Peer.dll", folder, new()
        {
            ["PORT"] = "0",
            ["DATABASE"] = postgres ?? Path.Combine(folder.FullName, "peer.db"),
            ["ACCOUNTS"] = population.Accounts.ToString(CultureInfo.InvariantCulture),
            ["NODES"] = population.Nodes.ToString(CultureInfo.InvariantCulture),
            ["KEYS"] = Path.Combine(folder.FullName, "keys.txt"),
        });
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Starts it again on what it has left; at another address.</summary>
    public async Task StartAgain() => (_process, Address) = await Run(_start);

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _folder.Delete(recursive: true);
    }

    static async Task<ServerProcess> Start(string program, DirectoryInfo folder, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program)]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var (process, address) = await Run(start);
        return new ServerProcess(start, folder, process, address);
    }

    static async Task<(Process Process, Uri Address)> Run(ProcessStartInfo start)
    {
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not ["Address", var address])
                continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return (process, new Uri(address));
        }

        throw new InvalidOperationException($"{start.ArgumentList[0]} did not start.");
    }
}

/// <summary>What the measured server holds before the first mint.</summary>
sealed record Population(int Accounts, int Nodes);
