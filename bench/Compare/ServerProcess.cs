using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace SessionManager.Compare;

/// <summary>A server under measurement, in a process of its own with a folder of its own.</summary>
sealed class ServerProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly DirectoryInfo _folder;

    ServerProcess(Process process, DirectoryInfo folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    public Uri Address { get; }
    public int ProcessId => _process.Id;

    /// <summary>API keys that may mint, an account each, a line a key.</summary>
    public string KeysFile => Path.Combine(_folder.FullName, "keys.txt");

    /// <summary>Spent so far, on all processors together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="postgres">A connection string; null: SQLite.</param>
    public static async Task<ServerProcess> StartProduct(string? postgres, Population population)
    {
        var folder = Directory.CreateTempSubdirectory("bench");
        var environment = new Dictionary<string, string>
        {
            ["DATA_DIR"] = folder.FullName,
            ["PORT"] = "0",
            ["Demo__Enabled"] = "true",
            ["Demo__NodeCapacity"] = "1",
            ["Demo__Streamer"] = "false",
            // Limits that would be measured instead of the server.
            ["Accounts__MaxConcurrent"] = "10000000",
            ["Accounts__RequestsPerMinute"] = "100000000",
            ["Nodes__LeaseSeconds"] = "3600",
            ["Logins__HashIterations"] = "1",
        };
        if (postgres is not null)
        {
            environment["Storage__Provider"] = "PostgreSQL";
            environment["Storage__ConnectionString"] = postgres;
        }

        var server = await Start("SessionManager.Api.dll", folder, environment);
        var demo = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "demo.json")))!;
        await File.WriteAllLinesAsync(server.KeysFile, await Fleet.Make(server.Address, demo, population));
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

    static async Task<ServerProcess> Start(string program, DirectoryInfo folder, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program)]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not ["Address", var address])
                continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return new ServerProcess(process, folder, new Uri(address));
        }

        throw new InvalidOperationException($"{program} did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}

/// <summary>What the measured server holds before the first mint.</summary>
sealed record Population(int Accounts, int Nodes);
