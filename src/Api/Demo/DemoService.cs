using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionManager.Hosting;
using SessionManager.Keys;
using SessionManager.Randomness;

namespace SessionManager.Api.Demo;

/// <summary>
/// The demo, before the server takes its first request and for as long as it runs. The address is known, and told, once the
/// server listens.
/// </summary>
sealed class DemoService(
    DemoData data, DemoNode node, DemoStreamer streamer, DataFolder folder, IRandomSource random, IOptions<KeyOptions> keys, IServer server)
    : IHostedLifecycleService, IDisposable
{
    readonly CancellationTokenSource stopping = new();
    DemoFile file = null!;
    Task leased = Task.CompletedTask;
    Task streaming = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        (file, var isNew) = DemoFile.Load(folder, random, keys.Value);
        var admin = await data.Make(file, isNew);
        if (await node.Register(file.NodeId, admin))
            leased = node.KeepLease(file.NodeId, admin, stopping.Token);
    }

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        file = file with { Url = Address() };
        file.Save(folder);
        await System.Console.Out.WriteLineAsync(
            $"""
            Address  {file.Url}
            Admin    {file.Admin.Username} / {file.Admin.Password}
            API key  {file.ApiKey}
            Node     {await streamer.Find(stopping.Token)}
            Try it   {file.Url}/demo
            Mint     curl -X POST {file.Url}/credentials -H 'Authorization: Bearer {file.ApiKey}'
            All of it is in {folder.File("demo.json")}
            """);
        // It registers over HTTP like any node, so not before there is somebody to answer.
        streaming = streamer.Run(file, stopping.Token);
    }

    /// <summary>Before the server stops listening: the streamer need not miss it first.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAll(leased, streaming).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => stopping.Dispose();

    string Address()
    {
        var address = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return address.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).TrimEnd('/');
    }
}
