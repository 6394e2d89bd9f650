using System.Globalization;
using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>The server's own streamer lives no longer than the server, however that ends.</summary>
[Collection(Stage.Watching)]
public sealed class RestartTests(Stage stage)
{
    [BrowserFact]
    public async Task A_server_that_is_killed_takes_its_streamer_with_it_and_the_next_one_streams_again()
    {
        using var folder = new TempFolder();
        int streamer;
        using (var killed = await Start(folder))
        {
            using var client = new SessionManagerClient(killed.Address, killed.ApiKey);
            await Plays(client);
            streamer = Assert.Single(await Eventually.Get(() => Task.FromResult(ChildrenOf(killed.Id)), children => children.Length > 0));
            killed.Kill();
        }

        Assert.False(await Eventually.Get(() => Task.FromResult(Directory.Exists($"/proc/{streamer}")), isThere => !isThere));
        using var next = await Start(folder);
        using var again = new SessionManagerClient(next.Address, next.ApiKey);
        await Plays(again);
    }

    static Task<ServerProcess> Start(TempFolder folder) =>
        ServerProcess.Start(folder.Path, ("Demo__Streamer", BrowserFactAttribute.StreamerFolder));

    async Task Plays(SessionManagerClient client)
    {
        var page = await stage.Open();
        await page.Connect(await client.Credentials.CreateAsync());
        await page.Frames(3);
        await page.Page.CloseAsync();
    }

    static int[] ChildrenOf(int parent) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where int.TryParse(Path.GetFileName(folder), out _)
           let status = Path.Combine(folder, "status")
           where File.Exists(status) && File.ReadLines(status).Contains($"PPid:\t{parent}")
           select int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
    ];
}
