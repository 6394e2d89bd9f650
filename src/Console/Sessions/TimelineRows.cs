using SessionManager.Client;

namespace SessionManager.Console.Sessions;

/// <summary>A bar of the picture.</summary>
/// <param name="Style">token, stream, lost or waiting.</param>
/// <param name="Label">What sets it apart from the others.</param>
/// <param name="Runs">It goes on: <paramref name="To"/> is now, and grows.</param>
public sealed record TimelineBar(string Style, string Label, DateTimeOffset From, DateTimeOffset To, bool Runs)
{
    public TimeSpan Length => To - From;
}

/// <summary>What a session's timeline shows as bars: how long its token could be used, and each connection with the waits between.</summary>
static class TimelineRows
{
    public static IReadOnlyList<TimelineBar> Of(Session session, DateTimeOffset now)
    {
        var events = session.Events ?? [];
        var end = session.DroppedAt ?? now;
        List<TimelineBar> bars = [];
        if (events.FirstOrDefault(happened => happened.Type == "token_issued") is { } issued && session.TokenExpiresAt is { } expires)
        {
            var until = expires < end ? expires : end;
            bars.Add(new("token", "Token valid", issued.At, until, until == now));
        }

        DateTimeOffset? connected = null, lost = null;
        var connections = 0;
        foreach (var happened in events)
        {
            switch (happened.Type)
            {
                case "connected":
                    if (lost is { } since)
                        bars.Add(new("lost", "Connection lost", since, happened.At, false));
                    (connected, lost) = (happened.At, null);
                    connections++;
                    break;
                case "connection_lost" or "dropped" when connected is { } from:
                    bars.Add(new("stream", Name(connections), from, happened.At, false));
                    (connected, lost) = (null, happened.Type == "dropped" ? null : happened.At);
                    break;
                case "dropped" when lost is { } from:
                    bars.Add(new("lost", "Connection lost", from, happened.At, false));
                    lost = null;
                    break;
            }
        }

        if (connected is { } running)
            bars.Add(new("stream", Name(connections), running, end, session.DroppedAt is null));
        if (lost is { } still)
            bars.Add(new("lost", "Connection lost", still, end, session.DroppedAt is null));
        return bars;
    }

    static string Name(int connection) => connection == 1 ? "Connected" : $"Connected again ({connection})";
}
