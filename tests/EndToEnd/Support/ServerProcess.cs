using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SessionManager.Tests;

/// <summary>The server as it is run: a process of its own, with the demo's account, key and node.</summary>
public sealed class ServerProcess : IDisposable
{
    readonly Process _process;
    readonly Task<string> _errors;

    ServerProcess(Process process, Task<string> errors, JsonObject demo)
    {
        _process = process;
        _errors = errors;
        Demo = demo;
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = Address };
    }

    /// <summary>What it wrote to <c>demo.json</c>.</summary>
    public JsonObject Demo { get; }
    public Uri Address => new(Demo["url"]!.GetValue<string>());
    public string ApiKey => Demo["api_key"]!.GetValue<string>();
    public string NodeKey => Demo["node_key"]!.GetValue<string>();
    public string NodeId => Demo["node_id"]!.GetValue<string>();
    public HttpClient Http { get; }
    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;

    /// <summary>Starts it on a free port and waits until it is ready.</summary>
    public static async Task<ServerProcess> Start(string dataFolder, params (string Name, string Value)[] settings)
    {
        var (process, errors) = Launch(dataFolder, settings);
        try
        {
            // It prints its address when it is ready.
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (!line.StartsWith("Address", StringComparison.Ordinal))
                    continue;
                var demo = JsonNode.Parse(await DemoFile(dataFolder, line.Split(' ')[^1]))!.AsObject();
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServerProcess(process, errors, demo);
            }

            throw new InvalidOperationException($"The server did not start: {await errors}");
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Starts one that is expected to give up; its exit code and what it said on stderr.</summary>
    public static async Task<(int ExitCode, string Errors)> Fail(string dataFolder, params (string Name, string Value)[] settings)
    {
        var (process, errors) = Launch(dataFolder, settings);
        using (process)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await errors);
        }
    }

    /// <summary>SIGKILL: it gets no chance to finish anything.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, as whatever runs it sends it; its exit code once it has ended.</summary>
    public async Task<int> Stop()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    static (Process Process, Task<string> Errors) Launch(string dataFolder, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SessionManager.Api.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATA_DIR"] = dataFolder, ["PORT"] = "0", ["Demo__Enabled"] = "true",
                // What a start spends on a password, no test here is about.
                ["Logins__HashIterations"] = "1000",
            },
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        return (process, process.StandardError.ReadToEndAsync());
    }

    static async Task<string> DemoFile(string dataFolder, string address)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(dataFolder, "demo.json"));
        return JsonDocument.Parse(text).RootElement.GetProperty("url").GetString() == address
            ? text
            : throw new InvalidOperationException($"demo.json does not name the address {address}: {text}");
    }
}
