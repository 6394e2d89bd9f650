using SessionManager.Broadcasts;
using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Broadcasts;

/// <summary>Broadcasts and the sessions they end with, on each kind of database.</summary>
public abstract class BroadcastStoreContract : DatabaseContract
{
    static readonly CancellationToken Never = CancellationToken.None;

    IBroadcastStore Broadcasts => Test.Broadcasts;

    ISessionStore Sessions => Test.Store;

    [StoreFact]
    public async Task A_broadcast_is_there_once_and_reads_as_it_was_stored()
    {
        await Mint("ses_1");
        var row = Row("brd_1", "ses_1") with { HlsUrl = "https://cdn.example/1" };
        await Broadcasts.Insert(row);
        await Broadcasts.Insert(row with { SessionId = "ses_2", HlsUrl = null });
        Assert.Equal(row, await Broadcasts.Find("brd_1"));
        Assert.Null(await Broadcasts.Find("brd_2"));
        await Broadcasts.SetHlsUrl("brd_1", "https://cdn.example/2");
        Assert.Equal("https://cdn.example/2", (await Broadcasts.Find("brd_1"))!.HlsUrl);
    }

    [StoreFact]
    public async Task A_broadcast_ends_when_it_is_ended_and_the_first_end_counts()
    {
        await Mint("ses_1");
        await Broadcasts.Insert(Row("brd_1", "ses_1"));
        await Broadcasts.End("brd_1", Start.AddSeconds(5));
        await Broadcasts.End("brd_1", Start.AddSeconds(6));
        await Broadcasts.End("brd_2", Start);
        Assert.Equal(Start.AddSeconds(5), (await Broadcasts.Find("brd_1"))!.EndedAt);
    }

    [StoreFact]
    public async Task A_broadcast_ends_with_its_session_though_nobody_writes_that_and_is_deleted_with_it()
    {
        var session = await Mint("ses_1");
        await Broadcasts.Insert(Row("brd_1", "ses_1"));
        await Broadcasts.Insert(Row("brd_2", "ses_none"));
        await Sessions.Update(session.Dropped(Start.AddSeconds(9)), []);
        Assert.Equal(Start.AddSeconds(9), (await Broadcasts.Find("brd_1"))!.EndedAt);
        Assert.NotNull((await Broadcasts.Find("brd_2"))!.EndedAt);
        Assert.Empty(await Listed(new(Live: true)));

        await Sessions.Clean(Start.AddSeconds(10), Start, 100);
        Assert.Null(await Broadcasts.Find("brd_1"));
    }

    [StoreFact]
    public async Task The_most_viewers_only_grow()
    {
        await Mint("ses_1");
        await Broadcasts.Insert(Row("brd_1", "ses_1"));
        foreach (var viewers in new[] { 2, 7, 3 })
            await Broadcasts.NoteViewers("brd_1", viewers);
        Assert.Equal(7, (await Broadcasts.Find("brd_1"))!.MostViewers);
    }

    [StoreFact]
    public async Task Broadcasts_are_listed_newest_first_page_by_page_and_narrowed()
    {
        for (var number = 1; number <= 5; number++)
        {
            await Mint($"ses_{number}");
            await Broadcasts.Insert(Row($"brd_{number}", $"ses_{number}", number) with { AccountId = number == 3 ? "usr_b" : "usr_a" });
        }

        await Broadcasts.End("brd_4", Start.AddSeconds(50));
        var first = await Broadcasts.List(new("usr_a"), null, 2, Never);
        Assert.Equal(["brd_5", "brd_4"], first.Data.Select(row => row.BroadcastId));
        var second = await Broadcasts.List(new("usr_a"), first.Cursor, 2, Never);
        Assert.Equal(["brd_2", "brd_1"], second.Data.Select(row => row.BroadcastId));
        Assert.Null(second.Cursor);
        Assert.Equal(["brd_5", "brd_3", "brd_2", "brd_1"], await Listed(new(Live: true)));
        Assert.Equal(["brd_4"], await Listed(new("usr_a", Live: false)));
        await Assert.ThrowsAsync<FormatException>(() => Broadcasts.List(new(), "bogus", 1, Never));
    }

    async Task<SessionRow> Mint(string sessionId)
    {
        var row = TestSessions.Row(sessionId);
        await Sessions.Insert(
            Minted(row),
            (await Sessions.TakeOwnership(OwnerKind.Account, row.AccountId)).Fence,
            (await Sessions.TakeOwnership(OwnerKind.Node, row.NodeId)).Fence);
        return row;
    }

    async Task<string[]> Listed(BroadcastFilter filter) => [.. (await Broadcasts.List(filter, null, 100, Never)).Data.Select(row => row.BroadcastId)];

    static BroadcastRow Row(string id, string sessionId, int seconds = 0) => new()
    {
        BroadcastId = id,
        SessionId = sessionId,
        AccountId = "usr_a",
        NodeId = "node-1",
        CreatedAt = Start.AddSeconds(seconds),
    };
}
