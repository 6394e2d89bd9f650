using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using SessionManager.Client;

namespace SessionManager.Tests.Readme;

/// <summary>README.md to the letter: every command and program in it does what it says.</summary>
public sealed class ReadmeTests(ReadmeServer server) : IClassFixture<ReadmeServer>
{
    /// <summary>Blocks that are run here; a block that is added has to be added to a test.</summary>
    static readonly string[] Run = ["./run ", "curl -X POST", "npm i @odysseyml/odyssey", "npm ci --prefix samples/streamer", "deploy/local-cluster up"];

    static readonly HashSet<string> Policy = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'"];

    [Fact]
    public void Every_command_in_the_README_is_run_by_a_test()
    {
        Assert.Equal(["mermaid", "sh", "python", "csharp"], ReadmeText.Languages());
        Assert.All(ReadmeText.Blocks("sh"), block => Assert.Single(Run, part => block.Contains(part, StringComparison.Ordinal)));
        Assert.Single(ReadmeText.Blocks("python"));
        Assert.Single(ReadmeText.Blocks("csharp"));
    }

    [Fact]
    public void Run_prints_an_address_a_login_and_a_key()
    {
        var block = ReadmeText.Block("sh", "./run ");
        Assert.All(block.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.True(File.Exists(Path.Combine(Repository.Root, line.Split(' ')[0]))));
        Assert.Contains(server.ApiKey, server.Said, StringComparison.Ordinal);
        Assert.Contains($"Address  {server.Address}".TrimEnd('/'), server.Said, StringComparison.Ordinal);
        Assert.Contains("Admin    admin / ", server.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("ServerGC", server.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_is_at_its_own_addresses_and_runs_nothing_but_this_servers_files()
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        foreach (var address in new[] { "", "sessions", "sessions/ses_1", "settings/account" })
        {
            using var page = await http.GetAsync(new Uri(address, UriKind.Relative));
            Assert.Equal("text/html", page.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);
            var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy")).Split("; ");
            Assert.Superset(Policy, policy.ToHashSet());
        }

        using var nothing = await http.GetAsync(new Uri("sessions/1", UriKind.Relative));
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (nothing.StatusCode, nothing.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task The_curl_command_mints()
    {
        var answer = await server.Run("bash", "-ec", server.Fill(ReadmeText.Block("sh", "curl -X POST")));
        IsMinted(JsonNode.Parse(answer)!);
    }

    [PublishedClientFact]
    public async Task The_JavaScript_example_mints()
    {
        var answer = await server.Run("bash", "-ec", server.Fill(ReadmeText.Block("sh", "npm i @odysseyml/odyssey")));
        Assert.Contains("sessionToken", answer, StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task The_Python_example_mints()
    {
        var answer = await server.Run("python3", "-c", server.Fill(ReadmeText.Block("python", "urllib")));
        Assert.Contains("session_token", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dotnet_example_mints()
    {
        var apiKey = server.ApiKey;
        using var client = new SessionManagerClient(server.Address, apiKey);
        var credentials = await client.Credentials.CreateAsync();
        Assert.StartsWith("ses_", credentials.SessionId, StringComparison.Ordinal);

        // What is compiled here is what stands there.
        var source = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests/EndToEnd/Readme/ReadmeTests.cs"));
        var lines = ReadmeText.Block("csharp", "SessionManagerClient").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines[0], source, StringComparison.Ordinal);
        Assert.Equal("var apiKey = Environment.GetEnvironmentVariable(\"API_KEY\")!;", lines[1]);
        Assert.Contains(lines[2].Replace("new Uri(\"http://127.0.0.1:5080\")", "server.Address", StringComparison.Ordinal), source, StringComparison.Ordinal);
        Assert.Contains(lines[3], source, StringComparison.Ordinal);
        Assert.StartsWith("Console.WriteLine(", lines[4], StringComparison.Ordinal);
        Assert.NotNull(credentials.SignalingUrl);
    }

    [PublishedClientFact]
    public async Task The_sample_node_takes_part()
    {
        using var node = server.Start("bash", "-ec", server.Fill(ReadmeText.Block("sh", "npm ci --prefix samples/streamer")));
        try
        {
            var errors = node.StandardError.ReadToEndAsync();
            var said = new List<string>();
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            while (await node.StandardOutput.ReadLineAsync(patience.Token) is { } line && !(await Nodes()).Contains("sample-streamer"))
                said.Add(line);
            Assert.True(!node.HasExited, $"{string.Join('\n', said)} {(node.HasExited ? await errors : "")}");
            Assert.Contains("sample-streamer", await Nodes());
        }
        finally
        {
            node.Kill(entireProcessTree: true);
        }
    }

    /// <summary>It is what every test in tests/Cluster starts and ends.</summary>
    [Fact]
    public void The_cluster_commands_are_those_that_the_cluster_tests_use()
    {
        var script = File.ReadAllText(Path.Combine(Repository.Root, "deploy/local-cluster"));
        foreach (var line in ReadmeText.Block("sh", "deploy/local-cluster up").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.All(line.Split(' ')[1..].Where(word => !int.TryParse(word, out _)), word => Assert.Contains(word, script, StringComparison.Ordinal));
        var tests = File.ReadAllText(Path.Combine(Repository.Root, "tests/Cluster/Support/LocalCluster.cs"));
        Assert.Contains("\"up\"", tests, StringComparison.Ordinal);
        Assert.Contains("\"down\"", tests, StringComparison.Ordinal);
    }

    static void IsMinted(JsonNode answer)
    {
        foreach (var member in new[] { "session_id", "signaling_url", "session_token", "expires_in" })
            Assert.NotNull(answer[member]);
    }

    async Task<string[]> Nodes()
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.NodeKey);
        var page = JsonNode.Parse(await http.GetStringAsync(new Uri("/api/nodes", UriKind.Relative)))!;
        return [.. page["data"]!.AsArray().Select(node => node!["node_id"]!.GetValue<string>())];
    }
}
