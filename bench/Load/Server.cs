using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace SessionManager.Load;

/// <summary>The server as a process of its own, without limits that would be measured instead of it.</summary>
sealed class Server : IDisposable
{
    readonly Process process;
    readonly DirectoryInfo folder;

    Server(Process process, DirectoryInfo folder, string engine, JsonNode demo, TimeSpan startTime)
    {
        this.process = process;
        this.folder = folder;
        Engine = engine;
        Address = new Uri(demo["url"]!.GetValue<string>());
        AdminLogin = demo["admin"]!.ToJsonString();
        NodeKey = demo["node_key"]!.GetValue<string>();
        StartTime = startTime;
        Http = new HttpClient { BaseAddress = Address };
    }

    public string Engine { get; }
    public Uri Address { get; }
    public string AdminLogin { get; }
    public string NodeKey { get; }
    public HttpClient Http { get; }

    /// <summary>From the start of the process on an empty data folder until it says that it is ready.</summary>
    public TimeSpan StartTime { get; }

    public string Storage { get; } = Environment.GetEnvironmentVariable("Storage__Provider") ?? "SQLite";

    public static async Task<Server> Start()
    {
        var folder = Directory.CreateTempSubdirectory("load");
        var watch = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SessionManager.Api.dll")])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["DATA_DIR"] = folder.FullName,
                ["PORT"] = "0",
                ["Demo__Enabled"] = "true",
                ["Demo__NodeCapacity"] = "1",
                ["Accounts__MaxConcurrent"] = "10000000",
                ["Accounts__RequestsPerMinute"] = "100000000",
                ["Nodes__LeaseSeconds"] = "3600",
                ["Logins__HashIterations"] = "1",
            },
        })!;
        var engine = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["Engine", var name])
                engine = name;
            if (words is not ["Address", _])
                continue;
            var startTime = watch.Elapsed;
            _ = process.StandardOutput.ReadToEndAsync();
            var demo = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "demo.json")))!;
            return new Server(process, folder, engine, demo, startTime);
        }

        throw new InvalidOperationException("The server did not start.");
    }

    /// <summary>Spent so far, on all processors together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public long PeakMemoryBytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }

        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    public void Dispose()
    {
        Http.Dispose();
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        folder.Delete(recursive: true);
    }
}
