using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionManager.Api.Demo;

/// <summary>
/// The demo node's media: the sample node as a process of its own, in the node's name and beside <see cref="DemoNode"/>, which
/// goes on to keep the lease. Without Node.js all works but the picture.
/// </summary>
sealed partial class DemoStreamer(IOptions<DemoOptions> options, TimeProvider time, ILogger<DemoStreamer> logger)
{
    /// <summary>The streamer's exit code for a server that wants this node no more, or for settings that cannot be right.</summary>
    const int Final = 2;
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    readonly string? _folder = options.Value.Streamer is { Length: > 0 } path ? Path.GetFullPath(path) : null;
    string? _version;

    /// <summary>Which node there will be, for the start to say.</summary>
    public async Task<string> Find(CancellationToken stopping)
    {
        if (_folder is null || !File.Exists(Path.Combine(_folder, "package-lock.json")))
            return "without media (no sample streamer)";
        _version = await NodeJs.Version(stopping);
        if (_version is null)
            return "without media (no Node.js 20 or later)";
        return NodeJs.IsInstalled(_folder)
            ? $"streams with Node.js {_version}"
            : $"streams with Node.js {_version} as soon as npm has installed its packages, which it does once";
    }

    /// <summary>Until told to stop. After <see cref="Find"/>; nothing where that found nothing to start.</summary>
    public async Task Run(DemoFile file, CancellationToken stopping)
    {
        try
        {
            if (_version is not null && await Install(stopping))
                await KeepRunning(file, stopping);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception.Message);
        }
    }

    async Task KeepRunning(DemoFile file, CancellationToken stopping)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var started = time.GetTimestamp();
            var code = await RunOnce(file, stopping);
            if (code == Final)
                return;
            if (time.GetElapsedTime(started) > LongestPause)
                pause = FirstPause;
            LogEnded(code, pause.TotalSeconds);
            await Task.Delay(pause, time, stopping);
        }
    }

    async Task<bool> Install(CancellationToken stopping)
    {
        if (NodeJs.IsInstalled(_folder!))
            return true;
        if (await NodeJs.Install(_folder!, stopping) is not { } failure)
            return true;
        LogFailed(failure);
        return false;
    }

    async Task<int> RunOnce(DemoFile file, CancellationToken stopping)
    {
        var start = new ProcessStartInfo("node", ["streamer.js"])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["SERVER_URL"] = file.Url,
                ["NODE_KEY"] = file.NodeKey,
                ["NODE_ID"] = file.NodeId,
                ["REGION"] = DemoNode.Region,
                ["MODEL"] = DemoNode.Model,
                ["CAPACITY"] = options.Value.NodeCapacity.ToString(CultureInfo.InvariantCulture),
                ["EXIT_WITH_STDIN"] = "1",
            },
        };
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Log(LogSaid, line.Data);
        process.ErrorDataReceived += (_, line) => Log(LogWarned, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        // It ends when its input does: told here, and by the system where this process dies without a word.
        await using var end = stopping.Register(process.StandardInput.Close);
        await process.WaitForExitAsync(CancellationToken.None);
        stopping.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    static void Log(Action<string> log, string? line)
    {
        if (!string.IsNullOrEmpty(line))
            log(line);
    }

    [LoggerMessage(603, LogLevel.Warning, "The demo's streamer cannot be started, so there is no picture: {Reason}")]
    partial void LogFailed(string reason);

    [LoggerMessage(604, LogLevel.Warning, "The demo's streamer has ended with {Code}; it is started again in {Seconds} s.")]
    partial void LogEnded(int code, double seconds);

    [LoggerMessage(605, LogLevel.Debug, "{Line}")]
    partial void LogSaid(string line);

    [LoggerMessage(606, LogLevel.Warning, "The demo's streamer: {Line}")]
    partial void LogWarned(string line);
}
