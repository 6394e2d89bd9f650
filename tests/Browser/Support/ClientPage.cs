using System.Text.Json;
using Microsoft.Playwright;
using SessionManager.Client;

namespace SessionManager.Tests;

/// <summary>A page with the published client on it.</summary>
public sealed class ClientPage(IPage page)
{
    public IPage Page => page;

    public Task Connect(ClientCredentials credentials) =>
        page.EvaluateAsync("json => connect(JSON.parse(json))", credentials.ToJson());

    /// <summary>Waits for so many decoded frames, all different.</summary>
    public async Task<(int Decoded, int Width, int Height)> Frames(int count)
    {
        var frames = await page.EvaluateAsync<JsonElement>("count => frames(count)", count);
        return (frames.GetProperty("decoded").GetInt32(), frames.GetProperty("width").GetInt32(), frames.GetProperty("height").GetInt32());
    }

    public Task<T> Call<T>(string expression) => page.EvaluateAsync<T>(expression);

    public Task<string[]> Events() => page.EvaluateAsync<string[]>("events");

    /// <summary>Waits until the client has told the page.</summary>
    public Task Hears(string words) => page.WaitForFunctionAsync("words => events.includes(words)", words, new() { PollingInterval = 100 });

    /// <summary>The renderer is killed: no script of the page runs any more, and its sockets break.</summary>
    public async Task Crash()
    {
        var crashed = new TaskCompletionSource();
        page.Crash += (_, _) => crashed.TrySetResult();
        var session = await page.Context.NewCDPSessionAsync(page);
        _ = session.SendAsync("Page.crash").ContinueWith(_ => { }, TaskScheduler.Default);
        await crashed.Task;
    }
}
