using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Tests.Nodes;

public sealed class PlacesTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset Until = Now.AddSeconds(600);

    readonly Places _places = new();

    [Fact]
    public void A_node_gives_its_places_and_not_one_more()
    {
        Assert.NotNull(Reserve("s-1"));
        Assert.NotNull(Reserve("s-2"));
        Assert.Null(Reserve("s-3"));
        Assert.Equal(["s-1", "s-2"], _places.Taken(Now).ToArray());
    }

    [Fact]
    public void A_place_lapses_at_its_instant_and_is_given_again()
    {
        _places.Reserve("s-1", 0, Until, capacity: 1, Now);

        Assert.Null(_places.Reserve("s-2", 0, Until.AddSeconds(600), capacity: 1, Until.AddMilliseconds(-1)));
        Assert.NotNull(_places.Reserve("s-2", 0, Until.AddSeconds(600), capacity: 1, Until));
        Assert.Equal(["s-2"], _places.Taken(Until).ToArray());
    }

    [Fact]
    public void A_session_keeps_its_place_on_a_node_that_gives_no_new_ones()
    {
        Reserve("s-1");

        Assert.NotNull(_places.Reserve("s-1", 1, null, capacity: 0, Now));
        Assert.Null(_places.Reserve("s-2", 0, Until, capacity: 0, Now));
        Assert.Equal(["s-1"], _places.Taken(Until.AddYears(1)).ToArray());
    }

    [Fact]
    public void What_a_node_streams_without_a_place_is_a_stranger()
    {
        Reserve("s-1");

        Assert.Equal(["s-0", "s-2"], _places.Strangers(new HashSet<string> { "s-2", "s-1", "s-0" }).ToArray());
    }

    [Fact]
    public void A_session_that_a_node_streams_past_the_end_of_its_place_is_looked_up()
    {
        Reserve("s-1");

        Assert.True(_places.AreTaken(new HashSet<string> { "s-1" }, Now));
        Assert.False(_places.AreTaken(new HashSet<string> { "s-1" }, Until));
        Assert.False(_places.AreTaken(new HashSet<string> { "s-2" }, Now));
    }

    [Fact]
    public void A_connected_session_is_missing_when_two_heartbeats_in_a_row_do_not_name_it()
    {
        Reserve("s-1");
        _places.Reserve("s-2", 1, null, capacity: 2, Now);

        Assert.Empty(_places.Missing(new HashSet<string>()));
        Assert.Empty(_places.Missing(new HashSet<string> { "s-2" }));
        Assert.Empty(_places.Missing(new HashSet<string>()));
        Assert.Equal(["s-2"], _places.Missing(new HashSet<string>()).ToArray());
        Assert.Empty(_places.Missing(new HashSet<string>()));
    }

    long? Reserve(string sessionId) => _places.Reserve(sessionId, 0, Until, capacity: 2, Now);
}
