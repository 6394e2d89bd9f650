using SessionManager.Signaling;

namespace SessionManager.Tests.Signaling;

/// <summary>What a node's channel grain knows of channel and clients.</summary>
public class ChannelRegistryTests
{
    static readonly DateTimeOffset Today = DateTimeOffset.UnixEpoch.AddYears(50);
    static readonly TimeSpan Patience = IChannelGrain.Patience;

    readonly ChannelRegistry _registry = new(TimeSpan.Zero);

    [Fact]
    public void A_channel_sees_the_clients_that_are_there_and_they_see_it()
    {
        Assert.Null(_registry.AttachClient(Client("s1", "c1"), Seconds(0)));
        var (view, replaced) = _registry.AttachNode(New("a"), Seconds(1), Today);
        Assert.Null(replaced);
        Assert.Equal(["c1"], view.Clients.Select(client => client.ConnectionId));
        Assert.Equal("a", _registry.Channel!.ChannelId);
        Assert.True(view.Number > 0);
    }

    [Fact]
    public void A_new_channel_takes_the_place_of_the_old_one_which_is_told_when_it_renews()
    {
        var first = Attach("a", 0);
        _registry.AttachNode(New("b"), Seconds(1), Today);
        var (view, _) = _registry.AttachNode(first, Seconds(2), Today);
        Assert.True(view.Replaced);
        Assert.Equal("b", _registry.Channel!.ChannelId);
    }

    [Fact]
    public void Of_two_channels_that_find_a_registry_anew_the_later_one_stays_whichever_comes_first()
    {
        var (older, newer) = (Attach("a", 0), Attach("b", 1));
        foreach (var order in new[] { new[] { older, newer }, [newer, older] })
        {
            var anew = new ChannelRegistry(TimeSpan.Zero);
            foreach (var channel in order)
                anew.AttachNode(channel, Seconds(0), Today);
            Assert.Equal("b", anew.Channel!.ChannelId);
        }
    }

    [Fact]
    public void A_channel_opened_at_a_registry_that_has_begun_anew_is_later_than_those_before()
    {
        var before = Attach("a", 0);
        var (view, _) = new ChannelRegistry(TimeSpan.Zero).AttachNode(New("b"), Seconds(0), Today.AddSeconds(1));
        Assert.True(view.Number > before.Number);
    }

    [Fact]
    public void A_closed_channel_is_nowhere_and_an_older_ones_end_changes_nothing()
    {
        Attach("a", 0);
        Attach("b", 1);
        _registry.DetachNode("a");
        Assert.Equal("b", _registry.Channel!.ChannelId);
        _registry.DetachNode("b");
        Assert.Null(_registry.Channel);
    }

    [Fact]
    public void A_client_that_is_renewed_stays_and_one_that_is_not_is_lost_once()
    {
        var (stays, goes) = (Client("s1", "c1"), Client("s2", "c2"));
        _registry.AttachClient(stays, Seconds(0));
        _registry.AttachClient(goes, Seconds(0));
        _registry.RenewClient(stays, Patience);
        var (view, _) = _registry.AttachNode(New("a"), Patience, Today);
        Assert.Equal([stays], view.Clients.AsEnumerable());
        Assert.Equal([goes], view.Lost.AsEnumerable());
        Assert.Null(_registry.FindClient("s2"));
        Assert.Empty(_registry.AttachNode(New("b"), Patience, Today).View.Lost);
    }

    [Fact]
    public void Who_is_missing_is_gone_only_once_everyone_has_had_the_time_to_come_again()
    {
        Assert.False(_registry.AttachNode(New("a"), Patience - Seconds(1), Today).View.Complete);
        Assert.True(_registry.AttachNode(New("a"), Patience, Today).View.Complete);
    }

    [Fact]
    public void A_sessions_next_client_takes_the_place_of_the_first_which_cannot_take_it_back()
    {
        _registry.AttachClient(Client("s1", "c1"), Seconds(0));
        _registry.AttachClient(Client("s1", "c2"), Seconds(1));
        Assert.False(_registry.RenewClient(Client("s1", "c1"), Seconds(2)).IsCurrent);
        _registry.DetachClient("s1", "c1");
        Assert.Equal("c2", _registry.FindClient("s1")!.ConnectionId);
        _registry.DetachClient("s1", "c2");
        Assert.Null(_registry.FindClient("s1"));
    }

    [Fact]
    public void An_ended_session_names_its_client_and_one_that_attaches_late_hears_of_it()
    {
        _registry.AttachClient(Client("s1", "c1"), Seconds(0));
        Assert.Equal("c1", _registry.EndSession("s1", "terminated", Seconds(1))!.ConnectionId);
        Assert.Null(_registry.EndSession("s1", "terminated", Seconds(1)));
        Assert.Equal("terminated", _registry.AttachClient(Client("s1", "c2"), Seconds(2)));
        Assert.Equal((true, "terminated"), _registry.RenewClient(Client("s1", "c2"), Seconds(3)));
        Assert.Null(_registry.AttachClient(Client("s1", "c3"), Seconds(1) + Patience));
    }

    /// <summary>A session may leave a node and come back to it.</summary>
    [Fact]
    public void A_session_that_moved_away_and_back_is_not_taken_for_ended_for_ever()
    {
        _registry.EndSession("s1", IChannelGrain.Moved, Seconds(0));
        Assert.Null(_registry.AttachClient(Client("s1", "c1"), Seconds(1)));
    }

    ChannelLink Attach(string channelId, int second)
    {
        var (view, _) = _registry.AttachNode(New(channelId), Seconds(second), Today.AddSeconds(second));
        return New(channelId) with { Number = view.Number };
    }

    static ChannelLink New(string channelId) => new(channelId, 0, "fe", null!);

    static ClientLink Client(string sessionId, string connectionId) => new(sessionId, connectionId, "fe", null!);

    static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
