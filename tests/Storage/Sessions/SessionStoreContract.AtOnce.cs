using SessionManager.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Sessions;

/// <summary>What it promises to those who come at once.</summary>
public abstract partial class SessionStoreContract
{
    [StoreFact]
    public async Task Of_writes_that_come_at_once_each_hears_its_own_outcome()
    {
        var (store, account, node) = await Owned();
        var late = (await store.TakeOwnership(OwnerKind.Node, "node-2")).Fence;
        await store.TakeOwnership(OwnerKind.Node, "node-2");
        var there = Row("ses_there", key: "there");
        await store.Insert(Minted(there), account, node);

        var writes = Enumerable.Range(0, 300).Select(i => (i % 5) switch
        {
            0 => store.Insert(Minted(Row($"ses_{i}", node: "node-2")), account, late),
            1 => store.Insert(Minted(Row($"ses_{i}", key: "there")), account, node),
            2 => store.Update(Row($"ses_{i}").Next("connected"), [account]),
            _ => store.Insert(Minted(Row($"ses_{i}", key: $"key{i}")), account, node),
        });
        var results = await Task.WhenAll(writes);

        for (var i = 0; i < results.Length; i++)
        {
            var expected = (i % 5) switch { 0 => WriteOutcome.Fenced, 1 or 2 => WriteOutcome.Conflict, _ => WriteOutcome.Written };
            Assert.Equal((i, expected), (i, results[i].Outcome));
            Assert.Equal(expected == WriteOutcome.Written, await store.Find($"ses_{i}") is not null);
        }
    }

    [StoreFact]
    public async Task Of_one_key_minted_many_times_at_once_exactly_one_is_written()
    {
        var (store, account, node) = await Owned();

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            store.Insert(Minted(Row($"ses_{i}", key: "once")), account, node)));

        Assert.Single(results, result => result.Outcome == WriteOutcome.Written);
        var winner = await store.FindByIdempotencyKey("usr_a", "once", Start);
        Assert.All(results.Where(result => result.Outcome != WriteOutcome.Written), result =>
            Assert.Equal((WriteOutcome.Conflict, winner!.SessionId), (result.Outcome, result.Existing?.SessionId)));
    }

    [StoreFact]
    public async Task Of_updates_of_one_version_at_once_exactly_one_is_written()
    {
        var (store, account, node) = await Owned();
        var row = Row("ses_1");
        await store.Insert(Minted(row), account, node);

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            store.Update(row.Next("connected", new UsageEntry(new(2026, 3, 1), 1, 0)), [account, node])));

        Assert.Single(results, result => result.Outcome == WriteOutcome.Written);
        Assert.All(results.Where(result => result.Outcome != WriteOutcome.Written), result =>
            Assert.Equal((WriteOutcome.Conflict, 2), (result.Outcome, result.Existing?.Version)));
        Assert.Equal(1, await store.StreamedMilliseconds("usr_a", new(2026, 3, 1), new(2026, 4, 1)));
    }

    [StoreFact]
    public async Task An_owner_that_comes_in_the_middle_of_writes_misses_none_and_none_follows()
    {
        const int rounds = 50, writers = 12;
        var (store, account, node) = await Owned();
        for (var round = 0; round < rounds; round++)
        {
            var kind = round % 2 == 0 ? OwnerKind.Account : OwnerKind.Node;
            var before = Enumerable.Range(0, writers).Select(i => Row($"ses_{round}_{i}_before")).ToArray();
            foreach (var row in before)
                Assert.Equal(WriteOutcome.Written, (await store.Insert(Minted(row), account, node)).Outcome);
            var guard = (account, node);
            Task<(string Id, long Version, WriteOutcome Outcome)> Write(int i) => Task.Run(async () => i % 2 == 0
                ? ($"ses_{round}_{i}", 1L, (await store.Insert(Minted(Row($"ses_{round}_{i}")), guard.account, guard.node)).Outcome)
                : (before[i].SessionId, 2L, (await store.Update(before[i].Next("connected"), [guard.account, guard.node])).Outcome));
            var early = Enumerable.Range(0, writers / 2).Select(Write).ToArray();
            var taking = Task.Run(() => store.TakeOwnership(kind, kind == OwnerKind.Account ? "usr_a" : "node-1"));
            var late = Enumerable.Range(writers / 2, writers / 2).Select(Write).ToArray();
            var written = (await Task.WhenAll([.. early, .. late])).Where(write => write.Outcome == WriteOutcome.Written).ToArray();
            var owner = await taking;

            var found = owner.Live.ToDictionary(row => row.SessionId, row => row.Version);
            Assert.All(written, write => Assert.Equal((round, write.Version), (round, found.GetValueOrDefault(write.Id))));
            Assert.Equal(
                Ids(owner.Live).ToArray(), Ids((await store.Look(kind, owner.Fence.Id)).Live).ToArray());
            (account, node) = kind == OwnerKind.Account ? (owner.Fence, node) : (account, owner.Fence);
        }
    }
}
