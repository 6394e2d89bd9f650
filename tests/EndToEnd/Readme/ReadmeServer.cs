using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace SessionManager.Tests.Readme;

/// <summary>What <c>./run</c> starts, for a reader who does what README.md says, one block after the other in one folder.</summary>
public sealed class ReadmeServer : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    readonly string _folder = Directory.CreateTempSubdirectory("readme").FullName;
    readonly StringBuilder _said = new();
    Process? _server;
    JsonObject _demo = [];

    /// <summary>Where the reader stands: it has the samples, and no packages of theirs.</summary>
    public string Checkout => Path.Combine(_folder, "checkout");

    public Uri Address => new(_demo["url"]!.GetValue<string>());
    public string ApiKey => _demo["api_key"]!.GetValue<string>();
    public string NodeKey => _demo["node_key"]!.GetValue<string>();

    /// <summary>What <c>./run</c> printed.</summary>
    public string Said => _said.ToString();

    public async Task InitializeAsync()
    {
        Copy("samples/streamer");
        _server = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "run"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Another copy of the sample node is started by a test, and installs its packages itself.
            Environment = { ["PORT"] = "0", ["DATA_DIR"] = Path.Combine(_folder, "data"), ["Demo__Streamer"] = "" },
        })!;
        var errors = _server.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        // Killed, it ends the lines.
        await using var kill = patience.Token.Register(() => _server.Kill(entireProcessTree: true));
        while (await _server.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _said.AppendLine(line);
            if (!line.StartsWith("All of it is in ", StringComparison.Ordinal))
                continue;
            _demo = JsonNode.Parse(await File.ReadAllTextAsync(line["All of it is in ".Length..]))!.AsObject();
            return;
        }

        Assert.Fail($"./run did not start within {Patience}: {_said} {await errors}");
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            // The script has become the server.
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The text with this server's address and keys where it has an example's.</summary>
    public string Fill(string text) => text
        .Replace("http://127.0.0.1:5080", Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
        .Replace("API_KEY=odn_…", $"API_KEY={ApiKey}", StringComparison.Ordinal)
        .Replace("NODE_KEY=odn_…", $"NODE_KEY={NodeKey}", StringComparison.Ordinal);

    /// <summary>
    /// Starts a program in the checkout, with what <c>export API_KEY=…</c> leaves in a shell, and the node's default address where this
    /// server is.
    /// </summary>
    public Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = Checkout,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["API_KEY"] = ApiKey, ["SERVER_URL"] = Address.ToString().TrimEnd('/') },
    })!;

    /// <summary>What it prints; it must succeed.</summary>
    public async Task<string> Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {output} {await errors}");
        return output;
    }

    void Copy(string sample)
    {
        var from = Path.Combine(Repository.Root, sample);
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(from, file);
            if (name.StartsWith("node_modules", StringComparison.Ordinal))
                continue;
            var to = Path.Combine(Checkout, sample, name);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }
}
