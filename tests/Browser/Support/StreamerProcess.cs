using System.Diagnostics;

namespace SessionManager.Tests;

/// <summary>The sample streamer as a node of the test's own, in a region of its own.</summary>
sealed class StreamerProcess : IDisposable
{
    readonly Process _process;

    StreamerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Starts it and waits until its channel is open.</summary>
    public static async Task<StreamerProcess> Start(
        ServerProcess server, string nodeId, string region, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("node", ["streamer.js"])
        {
            WorkingDirectory = BrowserFactAttribute.StreamerFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["SERVER_URL"] = server.Address.ToString(),
                ["NODE_KEY"] = server.NodeKey,
                ["NODE_ID"] = nodeId,
                ["REGION"] = region,
                ["EXIT_WITH_STDIN"] = "1",
            },
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var streamer = new StreamerProcess(Process.Start(start)!);
        try
        {
            await streamer.ChannelOpen();
            return streamer;
        }
        catch
        {
            // Nobody else would end it.
            streamer.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    async Task ChannelOpen()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await _process.StandardOutput.ReadLineAsync(late.Token) is { } line)
        {
            if (!line.StartsWith("Channel open", StringComparison.Ordinal))
                continue;
            _ = _process.StandardOutput.ReadToEndAsync();
            return;
        }

        throw new InvalidOperationException("The streamer has ended.");
    }
}
