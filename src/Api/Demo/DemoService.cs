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
    readonly CancellationTokenSource _stopping = new();
    DemoFile _file = null!;
    Task _leased = Task.CompletedTask;
    Task _streaming = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        (_file, var isNew) = DemoFile.Load(folder, random, keys.Value);
        var admin = await data.Make(_file, isNew);
        if (await node.Register(_file.NodeId, admin))
            _leased = node.KeepLease(_file.NodeId, admin, _stopping.Token);
    }

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        _file = _file with { Url = Address() };
        _file.Save(folder);
        await System.Console.Out.WriteLineAsync(
            $"""
            Address  {_file.Url}
            Admin    {_file.Admin.Username} / {_file.Admin.Password}
            API key  {_file.ApiKey}
            Node     {await streamer.Find(_stopping.Token)}
            Try it   {_file.Url}/demo
            Mint     curl -X POST {_file.Url}/credentials -H 'Authorization: Bearer {_file.ApiKey}'
            All of it is in {folder.File("demo.json")}
            """);
        // It registers over HTTP like any node, so not before there is somebody to answer.
        _streaming = streamer.Run(_file, _stopping.Token);
    }

    /// <summary>Before the server stops listening: the streamer need not miss it first.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_leased, _streaming).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    string Address()
    {
        var address = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return address.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).TrimEnd('/');
    }
}
