using System.Text.Json;
using Microsoft.Playwright;
using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>One drives, others watch with the published client's <c>connectToStream</c>.</summary>
[Collection(Stage.Watching)]
public sealed class BroadcastTests(Stage stage)
{
    const string Region = "broadcasts";

    [BrowserFact]
    public async Task Two_watch_what_one_drives_see_it_change_and_are_told_when_it_ends()
    {
        var (driver, broadcast) = await Drive("A mountain lake");
        var first = await Watch(broadcast);
        var second = await Watch(broadcast);
        await first.Frames(3);
        await second.Frames(3);
        Assert.Equal(2, await Viewers(broadcast, 2));

        await first.Call<object?>("colours = [colour()]");
        // Its colours are far from the lake's: a prompt's colours come from its letters.
        await driver.Call<string>("client.interact({ prompt: 'A sunset' })");
        await first.Page.WaitForFunctionAsync("Math.max(...colour().map((part, index) => Math.abs(part - colours[0][index]))) > 25");

        await driver.Call<object?>("client.disconnect()");
        await first.Hears("watch over");
        await second.Hears("watch over");
        Assert.Equal("ended", (await Read(broadcast)).State);
        await Close(driver, first, second);
    }

    [BrowserFact]
    public async Task Who_leaves_is_no_longer_counted_at_once_and_who_is_killed_soon()
    {
        var (driver, broadcast) = await Drive("A mountain lake");
        var leaves = await Watch(broadcast);
        var killed = await Watch(broadcast);
        await killed.Frames(1);
        Assert.Equal(2, await Viewers(broadcast, 2));
        await leaves.Call<object?>("watching.disconnect()");
        Assert.Equal(1, await Viewers(broadcast, 1));
        await killed.Crash();
        Assert.Equal(0, await Viewers(broadcast, 0));
        Assert.Equal(2, (await Read(broadcast)).MaxViewersSeen);
        await Close(driver, leaves);
    }

    [BrowserFact]
    public async Task A_token_that_is_not_this_broadcasts_is_refused_in_the_clients_words()
    {
        var (driver, broadcast) = await Drive("A mountain lake");
        var (other, foreign) = await Drive("A desert");
        var expired = await stage.Client.Broadcasts.CreateTokenAsync(broadcast.Id, new() { TtlSeconds = 1 });
        var page = await stage.Open();
        await page.Page.WaitForFunctionAsync("until => Date.now() > until", DateTimeOffset.UtcNow.AddSeconds(1).ToUnixTimeMilliseconds());
        var token = broadcast.SpectatorToken;
        foreach (var wrong in (string[])[expired.Token, foreign.SpectatorToken, token[..^2], token[..^3] + "AAA", stage.Server.ApiKey])
        {
            var refused = await Assert.ThrowsAsync<PlaywrightException>(() => Watch(page, broadcast with { SpectatorToken = wrong }));
            Assert.Contains("Invalid spectator token", refused.Message, StringComparison.Ordinal);
        }

        await Close(driver, other, page);
    }

    [BrowserFact]
    public async Task Twenty_watch_on_one_place_until_their_node_is_killed()
    {
        ClientPage driver;
        Shared broadcast;
        var viewers = await stage.Open();
        using (await StreamerProcess.Start(stage.Server, "broadcast-node", Region, ("MAX_VIEWERS", "20")))
        {
            (driver, broadcast) = await Drive("A mountain lake", Region);
            await viewers.Page.EvaluateAsync("([webrtcUrl, spectatorToken]) => watchMany(20, { webrtcUrl, spectatorToken })", broadcast.Both);
            Assert.Equal(20, await Viewers(broadcast, 20));
            var node = await Eventually.Get(() => stage.Admin.Nodes.GetAsync("broadcast-node"), node => node.Used > 0);
            Assert.Equal(1, node.Used);
            var refused = await Assert.ThrowsAsync<PlaywrightException>(() => Watch(viewers, broadcast));
            Assert.Contains("409", refused.Message, StringComparison.Ordinal);
        }

        await driver.Hears("onError Streamer has disconnected.");
        await viewers.Page.WaitForFunctionAsync("events.filter(words => words === 'watch over').length === 20");
        Assert.Equal("ended", (await Read(broadcast)).State);
        await Close(driver, viewers);
    }

    async Task<(ClientPage Driver, Shared Broadcast)> Drive(string prompt, string? region = null)
    {
        var driver = await stage.Open();
        await driver.Connect(await stage.Client.Credentials.CreateAsync(
            region is null ? null : new() { RegionLatencies = new Dictionary<string, double> { [region] = 1 } }));
        var ready = await driver.Page.EvaluateAsync<JsonElement>("prompt => share(prompt)", prompt);
        return (driver, new(ready.GetProperty("webrtcUrl").GetString()!, ready.GetProperty("spectatorToken").GetString()!));
    }

    async Task<ClientPage> Watch(Shared broadcast)
    {
        var page = await stage.Open();
        await Watch(page, broadcast);
        return page;
    }

    static async Task Watch(ClientPage page, Shared broadcast) =>
        await page.Page.EvaluateAsync("([webrtcUrl, spectatorToken]) => watch({ webrtcUrl, spectatorToken })", broadcast.Both);

    /// <summary>How many watch it, once it is so many.</summary>
    async Task<int> Viewers(Shared broadcast, int expected) =>
        (await Eventually.Get(() => Read(broadcast), read => read.Viewers == expected, patience: TimeSpan.FromSeconds(60))).Viewers;

    Task<Broadcast> Read(Shared broadcast) => stage.Client.Broadcasts.GetAsync(broadcast.Id);

    static Task Close(params ClientPage[] pages) => Task.WhenAll(pages.Select(page => page.Page.CloseAsync()));

    /// <summary>What a driver gives to those who are to watch.</summary>
    sealed record Shared(string WebrtcUrl, string SpectatorToken)
    {
        public string Id => WebrtcUrl.Split('/')[^1];
        public string[] Both => [WebrtcUrl, SpectatorToken];
    }
}
