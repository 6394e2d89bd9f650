using SessionManager.Api.Events;
using SessionManager.Audit;
using SessionManager.Nodes;

namespace SessionManager.Tests.Events;

public class SubscriptionTests
{
    static ServerEvent News(int number) => new("session", "usr_a", $"{number}", $"{number}", "{}");

    [Fact]
    public void A_slow_reader_loses_the_oldest_and_is_told_how_many()
    {
        var subscription = new Subscription(_ => true, 3);
        for (var number = 1; number <= 5; number++)
            subscription.Offer(News(number));
        var (events, skipped) = subscription.Take();
        Assert.Equal(["3", "4", "5"], events.Select(news => news.Cursor));
        Assert.Equal(2, skipped);
        Assert.Equal(0, subscription.Take().Skipped);
    }

    [Fact]
    public void What_does_not_concern_a_reader_takes_no_room()
    {
        var subscription = new Subscription(news => news.AccountId == "usr_b", 1);
        subscription.Offer(News(1));
        Assert.Empty(subscription.Take().Events);
    }

    [Fact]
    public async Task A_reader_waits_until_there_is_news()
    {
        var subscription = new Subscription(_ => true, 3);
        var waiting = subscription.Wait(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        subscription.Offer(News(1));
        await waiting;
    }

    [Fact]
    public void Load_and_reports_alone_are_no_news_of_a_node()
    {
        var node = new Node { NodeId = "n", OwnerId = "usr_a", Region = "eu", Model = "m", Capacity = 3, Used = 1, Live = true };
        Assert.Empty(NodeWatch.Changes([node], [node with { Load = 0.5, LastHeardAt = DateTimeOffset.UnixEpoch }]));
        Assert.Equal("lost", Assert.Single(NodeWatch.Changes([node], [node with { Live = false }])).News.State);
        Assert.Equal("deleted", Assert.Single(NodeWatch.Changes([node], [])).News.State);
        Assert.Equal(2, Assert.Single(NodeWatch.Changes([node], [node with { Used = 2 }])).News.Used);
    }

    [Theory]
    [InlineData("odn_abcdef \"of usr_evil\" of usr_owner: profile:read", "usr_owner")]
    [InlineData("of usr_owner, with its sessions", "usr_owner")]
    [InlineData("replaced by key_b, ends in 0 s", "usr_actor")]
    [InlineData(null, "usr_actor")]
    public void A_keys_owner_is_who_the_entry_names_and_otherwise_who_acted(string? detail, string owner)
    {
        var entry = new AuditEntry(DateTimeOffset.UnixEpoch, "usr_actor", null, "key.revoke", "key_a", detail, null, null);
        Assert.Equal(owner, Assert.Single(KeyWatch.News(entry)).Owner);
    }

    [Fact]
    public void What_is_done_to_others_than_keys_is_no_news_of_keys() =>
        Assert.Empty(KeyWatch.News(new AuditEntry(DateTimeOffset.UnixEpoch, "usr_actor", null, "user.change", "usr_b", null, null, null)));
}
