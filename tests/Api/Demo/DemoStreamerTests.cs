using System.Text.Json;
using SessionManager.Api.Demo;

namespace SessionManager.Tests.Demo;

/// <summary>The program beside the demo node, with a script of the test's in the sample streamer's place.</summary>
public sealed class DemoStreamerTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    readonly DemoHost _host = new();
    readonly string _folder = Directory.CreateTempSubdirectory("streamer").FullName;

    [NodeFact]
    public async Task The_demo_streamer_starts_in_the_demo_nodes_name_and_ends_before_the_server_does()
    {
        Install("""
            const { writeFileSync } = require('fs');
            const { SERVER_URL, NODE_ID, NODE_KEY, CAPACITY } = process.env;
            writeFileSync('started.new', JSON.stringify({ SERVER_URL, NODE_ID, NODE_KEY, CAPACITY }));
            require('fs').renameSync('started.new', 'started');
            process.stdin.on('end', () => { writeFileSync('ended', ''); process.exit(0); }).resume();
            """);
        await using var app = await Start();
        await Appears("started");

        var started = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "started"))).RootElement;
        var demo = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_host.Folder, "demo.json"))).RootElement;
        Assert.Equal(demo.GetProperty("url").GetString(), started.GetProperty("SERVER_URL").GetString());
        Assert.Equal(demo.GetProperty("node_id").GetString(), started.GetProperty("NODE_ID").GetString());
        Assert.Equal(demo.GetProperty("node_key").GetString(), started.GetProperty("NODE_KEY").GetString());
        Assert.Equal("7", started.GetProperty("CAPACITY").GetString());

        await app.StopAsync();
        Assert.True(File.Exists(Path.Combine(_folder, "ended")));
    }

    [NodeFact]
    public async Task A_demo_streamer_that_crashes_is_started_again()
    {
        Install("""
            const fs = require('fs');
            if (fs.existsSync('first')) fs.writeFileSync('second', '');
            fs.writeFileSync('first', '');
            process.exit(1);
            """);
        await using var app = await Start();
        await Appears("second");
        await app.StopAsync();
    }

    [Fact]
    public async Task Without_a_streamer_the_demo_starts_all_the_same()
    {
        await using var app = await _host.Start($"--Demo:Streamer={Path.Combine(_folder, "absent")}");
        Assert.True(File.Exists(Path.Combine(_host.Folder, "demo.json")));
        await app.StopAsync();
    }

    public void Dispose()
    {
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    Task<Microsoft.AspNetCore.Builder.WebApplication> Start() =>
        _host.Start("--Demo:NodeCapacity=7", $"--Demo:Streamer={_folder}");

    /// <summary>As npm leaves it behind.</summary>
    void Install(string script)
    {
        File.WriteAllText(Path.Combine(_folder, "package-lock.json"), "{}");
        Directory.CreateDirectory(Path.Combine(_folder, "node_modules"));
        File.WriteAllText(Path.Combine(_folder, "node_modules", ".package-lock.json"), "{}");
        File.WriteAllText(Path.Combine(_folder, "streamer.js"), script);
    }

    async Task Appears(string name)
    {
        using var watcher = new FileSystemWatcher(_folder) { EnableRaisingEvents = true };
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (File.Exists(Path.Combine(_folder, name)))
                seen.TrySetResult();
        }

        watcher.Created += (_, _) => Look();
        watcher.Renamed += (_, _) => Look();
        Look();
        await seen.Task.WaitAsync(Patience);
    }
}

/// <summary>A test that needs Node.js; named as skipped where there is none.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    static readonly string? Version = NodeJs.Version(CancellationToken.None).GetAwaiter().GetResult();

    public NodeFactAttribute() => Skip = Version is null ? "needs Node.js 20 or later (apt-get install nodejs)" : null;
}
