using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.Client;
using SessionManager.Console.Live;

namespace SessionManager.Tests.Live;

public class EventFeedTests : ConsoleTest
{
    const string Events = "GET /api/events";
    /// <summary>Filled by the feed's own thread while the test looks at it.</summary>
    readonly ConcurrentQueue<ServerEvent> _news = [];

    EventFeed Follow()
    {
        var feed = Services.GetRequiredService<EventFeed>();
        feed.News += _news.Enqueue;
        SignIn();
        feed.Start();
        return feed;
    }

    /// <summary>Says what it says and ends, as at a restart.</summary>
    void Tells(string id, bool resumed) => Server.Streams(Events, $"event: ready\nid: {id}\ndata: {{\"resumed\":{(resumed ? "true" : "false")}}}\n\n");

    int Asked => Server.Calls.Count(call => call.Call == Events);

    [Fact]
    public async Task A_stream_that_broke_goes_on_from_the_last_event()
    {
        Tells("7", resumed: false);
        Follow();
        await Until(() => _news.Count == 1);
        Tells("9", resumed: true);
        await Until(() => _news.Count == 2);
        Assert.Equal([null, "7"], Server.LastEventIds.Take(2));
        Assert.DoesNotContain(_news, told => told is EventsSkippedEvent);
    }

    [Fact]
    public async Task One_that_cannot_go_on_says_that_something_was_missed()
    {
        Tells("7", resumed: false);
        Follow();
        await Until(() => !_news.IsEmpty);
        await Until(() => _news.OfType<EventsSkippedEvent>().Any());
    }

    [Fact]
    public async Task A_tab_in_the_background_holds_no_stream_and_goes_on_where_it_was_when_looked_at()
    {
        Tells("7", resumed: false);
        Follow();
        await Until(() => _news.Count == 1);
        Browser.Show(false);
        var asked = Asked;
        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(asked, Asked);
        Tells("9", resumed: true);
        Browser.Show(true);
        await Until(() => Asked > asked);
        Assert.Equal("7", Server.LastEventIds.Last());
    }

    async Task Until(Func<bool> so)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!so())
        {
            await Task.Yield();
            Time.Advance(TimeSpan.FromMilliseconds(100));
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
