using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace SessionManager.Tests;

/// <summary>One drives, others watch with the published client's <c>connectToStream</c>.</summary>
[Collection(Stage.Name)]
public sealed class BroadcastTests(Stage stage)
{
    [BrowserFact]
    public async Task Two_watch_what_one_drives_and_one_who_leaves_is_no_longer_counted()
    {
        var driver = await stage.Open();
        await driver.Connect(await stage.Client.Credentials.CreateAsync());
        var broadcast = await driver.Call<JsonElement>("share('A mountain lake')");
        var first = await Watch(broadcast);
        var second = await Watch(broadcast);
        await first.Frames(3);
        await second.Frames(3);
        Assert.Equal(2, await Viewers(broadcast, 2));

        await second.Call<object?>("watching.disconnect()");
        Assert.Equal(1, await Viewers(broadcast, 1));
        await driver.Call<string>("client.interact({ prompt: 'A storm' })");
        await first.Frames(3);
        foreach (var page in (ClientPage[])[driver, first, second])
            await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_token_that_is_not_this_broadcasts_is_refused_in_the_clients_words()
    {
        var driver = await stage.Open();
        var credentials = await stage.Client.Credentials.CreateAsync();
        await driver.Connect(credentials);
        var broadcast = await driver.Call<JsonElement>("share('A mountain lake')");

        var page = await stage.Open();
        var refused = await Assert.ThrowsAsync<PlaywrightException>(() => page.Page.EvaluateAsync(
            "([webrtcUrl, spectatorToken]) => watch({ webrtcUrl, spectatorToken })",
            new[] { broadcast.GetProperty("webrtcUrl").GetString()!, credentials.SessionToken }));
        Assert.Contains("Invalid spectator token", refused.Message, StringComparison.Ordinal);
        await page.Page.CloseAsync();
        await driver.Page.CloseAsync();
    }

    async Task<ClientPage> Watch(JsonElement broadcast)
    {
        var page = await stage.Open();
        await page.Page.EvaluateAsync(
            "([webrtcUrl, spectatorToken]) => watch({ webrtcUrl, spectatorToken })",
            new[] { broadcast.GetProperty("webrtcUrl").GetString()!, broadcast.GetProperty("spectatorToken").GetString()! });
        return page;
    }

    /// <summary>How many watch it, once it is so many.</summary>
    Task<int> Viewers(JsonElement broadcast, int expected) => Eventually.Get(
        async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/broadcasts/" + broadcast.GetProperty("webrtcUrl").GetString()!.Split('/')[^1])
            {
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", stage.Server.ApiKey) },
            };
            using var response = await stage.Server.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("viewers").GetInt32();
        },
        viewers => viewers == expected);
}
