using System.Net;
using System.Net.WebSockets;
using Microsoft.Playwright;
using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>The published client, unmodified, in Chromium, against the server and its streamer.</summary>
[Collection(Stage.Name)]
public sealed class ConnectTests(Stage stage)
{
    [BrowserFact]
    public async Task Connecting_ends_with_moving_pictures()
    {
        var page = await stage.Open();
        var credentials = await stage.Client.Credentials.CreateAsync();
        await page.Connect(credentials);

        var (decoded, width, height) = await page.Frames(10);
        Assert.True(decoded >= 10);
        Assert.Equal((640, 360), (width, height));
        Assert.Equal(SessionStates.Connected, (await stage.Client.Sessions.GetAsync(credentials.SessionId)).State);
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_stream_starts_changes_and_ends_as_the_client_says()
    {
        var page = await stage.Open();
        await page.Connect(await stage.Client.Credentials.CreateAsync());

        var id = await page.Call<string>("client.startStream({ prompt: 'A mountain lake', portrait: true })");
        Assert.NotEmpty(id);
        await page.Page.WaitForFunctionAsync("document.querySelector('video').videoHeight === 640");
        await page.Frames(3);
        Assert.Equal("A storm", await page.Call<string>("client.interact({ prompt: 'A storm' })"));
        await page.Frames(3);
        await page.Call<object?>("client.endStream()");
        Assert.Equal(
            [$"onStreamStarted {id}", "onInteractAcknowledged A storm", "onStreamEnded"],
            (await page.Events()).Where(words => words.StartsWith("onStreamS", StringComparison.Ordinal)
                || words.StartsWith("onInteract", StringComparison.Ordinal) || words == "onStreamEnded"));
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_stream_starts_from_an_image_which_travels_over_the_signaling_socket()
    {
        var page = await stage.Open();
        await page.Connect(await stage.Client.Credentials.CreateAsync());

        await page.Call<string>("image(1280, 704, 'rgb(250, 20, 20)').then(image => client.startStream({ prompt: 'Red', portrait: false, image }))");
        var red = await page.Page.WaitForFunctionAsync("() => { const [r, g, b] = colour(); return r > 180 && g < 90 && b < 90; }");
        Assert.True(await red.JsonValueAsync<bool>());
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task Leaving_drops_the_session_at_once()
    {
        var page = await stage.Open();
        var credentials = await stage.Client.Credentials.CreateAsync();
        await page.Connect(credentials);
        await page.Call<object?>("client.disconnect()");

        var session = await Dropped(credentials);
        Assert.Equal("client_disconnected", session.Reason);
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task A_page_that_is_killed_keeps_its_session_and_comes_back_with_the_same_credentials()
    {
        var credentials = await stage.Client.Credentials.CreateAsync();
        var killed = await stage.Open();
        await killed.Connect(credentials);
        await killed.Frames(2);
        await killed.Crash();
        var lost = await Eventually.Get(
            () => stage.Client.Sessions.GetAsync(credentials.SessionId),
            session => session.Events!.Any(happened => happened.Type == "connection_lost"));
        Assert.NotEqual(SessionStates.Dropped, lost.State);

        var page = await stage.Open();
        await page.Connect(credentials);
        await page.Frames(3);
        Assert.Equal(SessionStates.Connected, (await stage.Client.Sessions.GetAsync(credentials.SessionId)).State);
        await page.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task Of_two_tabs_with_the_same_credentials_the_first_stays()
    {
        var credentials = await stage.Client.Credentials.CreateAsync();
        var first = await stage.Open();
        await first.Connect(credentials);
        var second = await stage.Open();

        var refused = await Assert.ThrowsAsync<PlaywrightException>(() => second.Connect(credentials));
        Assert.Contains("WebSocket connection failed", refused.Message, StringComparison.Ordinal);
        await first.Frames(3);
        Assert.Equal("connected", await first.Call<string>("client.currentStatus"));
        await first.Page.CloseAsync();
        await second.Page.CloseAsync();
    }

    [BrowserFact]
    public async Task An_expired_token_is_refused_before_the_upgrade()
    {
        using var folder = new TempFolder();
        using var server = await ServerProcess.Start(folder.Path, ("Sessions__TokenSeconds", "1"));
        using var client = new SessionManagerClient(server.Address, server.ApiKey);
        var credentials = await client.Credentials.CreateAsync();
        await Eventually.Get(() => client.Sessions.GetAsync(credentials.SessionId), session => session.TokenExpired);

        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        var address = new Uri($"{credentials.SignalingUrl}/client/{credentials.SessionId}?token={credentials.SessionToken}");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Gone, socket.HttpStatusCode);

        var page = await stage.Open();
        var refused = await Assert.ThrowsAsync<PlaywrightException>(() => page.Connect(credentials));
        Assert.Contains("WebSocket connection failed", refused.Message, StringComparison.Ordinal);
        await page.Page.CloseAsync();
    }

    Task<Session> Dropped(ClientCredentials credentials) => Eventually.Get(
        () => stage.Client.Sessions.GetAsync(credentials.SessionId), session => session.State == SessionStates.Dropped);
}
