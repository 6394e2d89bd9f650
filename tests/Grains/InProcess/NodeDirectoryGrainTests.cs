using System.Collections.Immutable;
using SessionManager.Conformance;
using SessionManager.Nodes;

namespace SessionManager.Grains.Tests.Nodes;

public sealed class NodeDirectoryGrainTests : IAsyncLifetime
{
    static readonly Node Node = new() { NodeId = "n", OwnerId = "usr_n", Region = "eu", Model = "m", Capacity = 1, Used = 1, Live = true };
    readonly TestStore _store = new();
    TestEngine _engine = null!;

    INodeDirectoryGrain Directory => _engine.Grain<INodeDirectoryGrain>(INodeDirectoryGrain.Key);

    public async Task InitializeAsync() => _engine = await TestEngine.Start(_store, new ManualTimeProvider());

    public Task DisposeAsync() => _engine.DisposeAsync().AsTask();

    [Fact]
    public async Task A_failed_write_ends_the_wait_of_those_in_the_queue_and_keeps_nobody_else_waiting_with_them()
    {
        var waiting = Directory.WaitForPlace("ses_1", new Placement(ImmutableDictionary<string, double>.Empty, false), TimeSpan.FromSeconds(30), default);
        await _engine.Quiet();
        _store.Gate = Task.FromException(new IOException("The disk is full."));
        await Assert.ThrowsAnyAsync<Exception>(() => Directory.Publish(Node));
        _store.Gate = Task.CompletedTask;

        var snapshot = Directory.Snapshot();
        await _engine.Quiet();

        Assert.True(snapshot.IsCompletedSuccessfully);
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
    }
}
