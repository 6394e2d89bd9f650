using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Storage;
using SessionManager.Conformance;
using SessionManager.InProcess;
using SessionManager.Nodes;

namespace SessionManager.Grains.Tests.Nodes;

public sealed class NodeDirectoryGrainTests : IAsyncLifetime
{
    static readonly Node Node = new() { NodeId = "n", OwnerId = "usr_n", Region = "eu", Model = "m", Capacity = 1, Used = 1, Live = true };
    readonly TestStore _store = new();
    readonly QuietScheduler _scheduler = new();
    ServiceProvider _services = null!;

    INodeDirectoryGrain Directory => _services.GetRequiredService<IGrainFactory>().GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key);

    public async Task InitializeAsync()
    {
        _services = new ServiceCollection()
            .AddLogging()
            .AddOptions()
            .AddSingleton<TimeProvider>(new ManualTimeProvider())
            .AddSingleton<IGrainStorageSerializer, JsonStateSerializer>()
            .AddInProcessEngine(
                options =>
                {
                    options.Store = _store;
                    options.Scheduler = _scheduler;
                },
                typeof(NodeDirectoryGrain).Assembly)
            .BuildServiceProvider();
        await _services.GetRequiredService<InProcessEngine>().StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _services.GetRequiredService<InProcessEngine>().StopAsync(default);
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_failed_write_ends_the_wait_of_those_in_the_queue_and_keeps_nobody_else_waiting_with_them()
    {
        var waiting = Directory.WaitForPlace("ses_1", new Placement(ImmutableDictionary<string, double>.Empty, false), TimeSpan.FromSeconds(30), default);
        await _scheduler.Quiet();
        _store.Gate = Task.FromException(new IOException("The disk is full."));
        await Assert.ThrowsAnyAsync<Exception>(() => Directory.Publish(Node));
        _store.Gate = Task.CompletedTask;

        var snapshot = Directory.Snapshot();
        await _scheduler.Quiet();

        Assert.True(snapshot.IsCompletedSuccessfully);
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
    }
}
