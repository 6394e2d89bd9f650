using SessionManager.Client;
using SessionManager.Console.Sessions;

namespace SessionManager.Tests.Sessions;

public class SessionChangesTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    static readonly Session Minted = new("ses_a", "provisioned", null, "usr_a", "n", "eu", "m", Start, Start.AddMinutes(10), false, null, null, Start);

    static SessionEvent Event(string type, double seconds = 5, string? detail = null) => new(2, Start.AddSeconds(seconds), type, detail);

    [Fact]
    public void A_session_that_is_shown_connects_and_ends_as_its_events_say()
    {
        var connected = Minted.Apply(Event("connected"));
        Assert.Equal(("connected", Start.AddSeconds(5)), (connected.State, connected.ConnectedAt));
        var dropped = connected.Apply(Event("dropped", 9, "idle"));
        Assert.Equal(("dropped", "idle", Start.AddSeconds(9)), (dropped.State, dropped.Reason, dropped.DroppedAt));
    }

    [Fact]
    public void A_second_connection_does_not_move_when_it_first_connected() =>
        Assert.Equal(Start.AddSeconds(5), Minted.Apply(Event("connected")).Apply(Event("connection_lost", 6)).Apply(Event("connected", 8)).ConnectedAt);

    [Fact]
    public void Nothing_changes_what_has_ended()
    {
        var ended = Minted.Apply(Event("dropped", 9, "terminated"));
        Assert.Equal(ended, ended.Apply(Event("connected", 4)));
    }
}
