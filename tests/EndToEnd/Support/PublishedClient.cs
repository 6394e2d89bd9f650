using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SessionManager.Tests;

/// <summary>The client that is published on npm, unmodified, in the version its lock file pins.</summary>
static class PublishedClient
{
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "published-client");

    /// <summary>Why it cannot be had here; null where it can.</summary>
    public static string? Missing { get; } = Npm.Install(Folder);

    /// <summary>Mints against the server; what its caller sees.</summary>
    public static async Task<JsonObject> Mint(Uri server, string apiKey)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, "mint.mjs"), apiKey])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["API_URL"] = server.ToString().TrimEnd('/') },
        };
        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        return JsonNode.Parse(output.Trim().Split('\n')[^1])!.AsObject();
    }
}

/// <summary>A test that needs the published client; named as skipped where it cannot be had.</summary>
public sealed class PublishedClientFactAttribute : FactAttribute
{
    public PublishedClientFactAttribute() => Skip = PublishedClient.Missing;
}
