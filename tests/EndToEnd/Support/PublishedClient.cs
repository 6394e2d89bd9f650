using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SessionManager.Tests;

/// <summary>The client that is published on npm, unmodified, in the version its lock file pins.</summary>
static class PublishedClient
{
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "published-client");

    /// <summary>Why it cannot be had here; null where it can.</summary>
    public static string? Missing { get; } = Install();

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

    static string? Install()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "@odysseyml", "odyssey")))
            return null;
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            {
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = npm.StandardError.ReadToEndAsync();
            npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
            return npm.ExitCode == 0 ? null : $"npm cannot install the published client: {errors.GetAwaiter().GetResult().Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "needs node and npm (apt-get install nodejs npm)";
        }
    }
}

/// <summary>A test that needs the published client; named as skipped where it cannot be had.</summary>
public sealed class PublishedClientFactAttribute : FactAttribute
{
    public PublishedClientFactAttribute() => Skip = PublishedClient.Missing;
}
