using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.Broadcasts;
using SessionManager.Errors;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Cluster;

namespace SessionManager.Tests.Broadcasts;

/// <summary>A broadcast in a silo of Orleans, on a store of SQLite.</summary>
public sealed class BroadcastGrainTests : IAsyncLifetime
{
    const string Id = "brd_1";
    const string NodeId = "node-1";
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("broadcast");
    readonly MediaServer _media = new();
    GrainCluster _cluster = null!;
    SessionRow _session = null!;

    IBroadcastGrain Broadcast => _cluster.Grain<IBroadcastGrain>(Id);
    IBroadcastStore Store => _cluster.Silos[0].ServiceProvider.GetRequiredService<IBroadcastStore>();
    ISessionStore Sessions => _cluster.Silos[0].ServiceProvider.GetRequiredService<ISessionStore>();
    DateTimeOffset Now => _cluster.Clock.GetUtcNow();

    public async Task InitializeAsync()
    {
        _cluster = await GrainCluster.Start(services: services => services
            .AddSingleton<IMediaServer>(_media)
            .AddStorage(_ => new SqliteFile(Path.Combine(_folder.FullName, "sessions.db"))));
        _session = new()
        {
            SessionId = "ses_1",
            AccountId = "usr_a",
            NodeId = NodeId,
            Region = "eu",
            Model = "m1",
            CreatedAt = Now,
            LastActivityAt = Now,
            LastSeq = 1,
        };
        await Sessions.Insert(
            new(_session, [new(1, Now, "minted", NodeId)], []),
            (await Sessions.TakeOwnership(OwnerKind.Account, "usr_a")).Fence,
            (await Sessions.TakeOwnership(OwnerKind.Node, NodeId)).Fence);
        await Store.Insert(new() { BroadcastId = Id, SessionId = "ses_1", AccountId = "usr_a", NodeId = NodeId, CreatedAt = Now });
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Viewers_are_counted_until_they_leave_their_node_says_so_or_their_token_expires()
    {
        Assert.Equal(new ViewerPlace(NodeId, "ses_1"), (await Join("a", 3600)).Value);
        await Join("b", 3600);
        await Join("c", 3600);
        await Join("d", 40);
        await Broadcast.Gone("another", "a");
        await Broadcast.Gone(NodeId, "a");
        Assert.True(await Broadcast.Leave("b"));
        Assert.False(await Broadcast.Leave("b"));
        Assert.Equal(new ViewerCount(2, 4), await Broadcast.Count());

        await _cluster.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(new ViewerCount(1, 4), await Broadcast.Count());
        Assert.NotNull(await Broadcast.Find("c"));
        Assert.Null(await Broadcast.Find("d"));
        Assert.Equal(4, (await Store.Find(Id))!.MostViewers);
    }

    [Fact]
    public async Task Nobody_joins_a_broadcast_that_is_over_and_a_second_end_changes_nothing()
    {
        await Join("a", 3600);
        await Broadcast.End();
        var ended = (await Store.Find(Id))!.EndedAt;
        await _cluster.Advance(TimeSpan.FromSeconds(1));
        await Broadcast.End();
        Assert.Equal(ended, (await Store.Find(Id))!.EndedAt);
        Assert.Equal(0, (await Broadcast.Count()).Now);
        Assert.Equal(ErrorCatalogue.BroadcastNotFound, (await Join("b", 3600)).Refusal!.Code);
        Assert.Contains("broadcasts/brd_1", _media.Ended);
        Assert.Equal(ErrorCatalogue.BroadcastNotFound, (await _cluster.Grain<IBroadcastGrain>("brd_none").Join(Viewer("a", 60))).Refusal!.Code);
    }

    [Fact]
    public async Task The_end_of_its_session_is_found_out_by_whoever_joins_next_and_without_anyone_within_30_seconds()
    {
        await Join("a", 3600);
        await Sessions.Update(
            new(_session with { Version = 2, State = SessionState.Dropped, Reason = DropReason.Terminated, DroppedAt = Now, LastSeq = 2 },
                [new(2, Now, "dropped")], []),
            []);
        Assert.Equal(1, (await Broadcast.Count()).Now);
        await _cluster.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, (await Broadcast.Count()).Now);
        Assert.Equal(ErrorCatalogue.BroadcastNotFound, (await Join("b", 3600)).Refusal!.Code);
    }

    [Fact]
    public async Task A_new_activation_knows_those_its_node_names_and_the_most_there_were()
    {
        await Join("a", 3600);
        await Join("b", 3600);
        await _cluster.End(Broadcast);
        Assert.Equal(new ViewerCount(0, 2), await Broadcast.Count());
        await Broadcast.Report("another", ["x"]);
        await Broadcast.Report(NodeId, ["a", "b"]);
        Assert.Equal(new ViewerCount(2, 2), await Broadcast.Count());
    }

    Task<Result<ViewerPlace>> Join(string viewerId, int seconds) => Broadcast.Join(Viewer(viewerId, seconds));

    Viewer Viewer(string id, int seconds) => new(id, string.Create(CultureInfo.InvariantCulture, $"token-{id}"), Now.AddSeconds(seconds), null);

    sealed class MediaServer : IMediaServer
    {
        public ConcurrentBag<string> Ended { get; } = [];

        public Task End(string path)
        {
            Ended.Add(path);
            return Task.CompletedTask;
        }
    }
}
