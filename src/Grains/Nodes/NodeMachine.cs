using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Nodes;

/// <summary>What a node gives and takes back, as pure functions of (record, event, now).</summary>
public static class NodeMachine
{
    public static NodeRecord Register(NodeRecord record, string ownerId, NodeRegistration registration) => Back(record) with
    {
        OwnerId = ownerId,
        Registration = registration,
        Draining = false,
        Deleted = false,
    };

    /// <summary>
    /// A lost node is heard of again. Some of its sessions may have been ended or moved by then, and a crash or a failure have
    /// come before their places were given back: each is asked again.
    /// </summary>
    public static NodeRecord Back(NodeRecord record) => !record.Lost ? record : record with
    {
        Lost = false,
        Places = record.Places.SetItems(record.Places.Select(place => KeyValuePair.Create(place.Key, place.Value with { Verified = false }))),
    };

    public static NodeRecord Delete(NodeRecord record) =>
        record with { Registration = null, Draining = false, Lost = true, Deleted = true };

    /// <summary>Takes a place, or moves the end of the one the session has; null where there is none to take.</summary>
    public static NodeRecord? Reserve(NodeRecord record, string sessionId, DateTimeOffset until, DateTimeOffset now)
    {
        var untilMs = until.ToUnixTimeMilliseconds();
        // Its places are being given up one by one: to extend one would leave the session on a node that is gone.
        if (record.Lost)
            return null;
        if (record.Places.TryGetValue(sessionId, out var place) && place.IsTaken(now))
        {
            // Asked again because another activation may have given it away, or because the node was lost meanwhile.
            if (place.Until is null || place.Until == untilMs)
                return With(record, sessionId, place with { });
            // One kept by the queue is the mint's only from now on: its session may not be there yet when the place is asked after.
            return With(record, sessionId, place with { Until = untilMs, TakenAt = place.Verified ? place.TakenAt : now.ToUnixTimeMilliseconds() });
        }

        return Take(record, sessionId, untilMs, now);
    }

    /// <summary>The place lasts until it is given back; null where the session has none and none is free.</summary>
    public static NodeRecord? Hold(NodeRecord record, string sessionId, DateTimeOffset now)
    {
        if (record.Places.TryGetValue(sessionId, out var place) && place.IsTaken(now))
            return place.Until is null ? record : With(record, sessionId, place with { Until = null, Verified = true });
        // A session that was refused its place meanwhile may have a free one, but not on a node that takes no new ones.
        return Take(record, sessionId, null, now);
    }

    public static NodeRecord Release(NodeRecord record, string sessionId) =>
        record with { Places = record.Places.Remove(sessionId) };

    /// <summary>Forgets places that have lapsed: they are free already, this only clears them away.</summary>
    public static NodeRecord Prune(NodeRecord record, DateTimeOffset now)
    {
        var lapsed = record.Places.Where(place => !place.Value.IsTaken(now)).Select(place => place.Key).ToArray();
        return lapsed.Length == 0 ? record : record with { Places = record.Places.RemoveRange(lapsed) };
    }

    /// <summary>Places that a crash may have left without a session: old enough for their mint to be over, and never verified.</summary>
    public static ImmutableArray<string> Unverified(NodeRecord record, DateTimeOffset now) =>
    [
        .. record.Places
            .Where(place => !place.Value.Verified
                && now - DateTimeOffset.FromUnixTimeMilliseconds(place.Value.TakenAt) >= SessionMachine.GrantLife)
            .Select(place => place.Key)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What was said of the place is no longer sure: its session is asked again.</summary>
    public static NodeRecord Doubt(NodeRecord record, string sessionId) =>
        record.Places.TryGetValue(sessionId, out var place) ? With(record, sessionId, place with { Verified = false }) : record;

    public static NodeRecord Verify(NodeRecord record, string sessionId, bool occupied)
    {
        if (!record.Places.TryGetValue(sessionId, out var place) || place.Verified)
            return record;
        return occupied ? With(record, sessionId, place with { Verified = true }) : Release(record, sessionId);
    }

    public static int Used(NodeRecord record, DateTimeOffset now) => record.Places.Count(place => place.Value.IsTaken(now));

    public static bool TakesNew(NodeRecord record) => record is { Registration: not null, Draining: false, Lost: false };

    /// <summary>When the next place lapses by itself. One that has lapsed already, and is only not cleared away, is none.</summary>
    public static DateTimeOffset? NextLapse(NodeRecord record, DateTimeOffset now) =>
        record.Places.Values.Where(place => place.IsTaken(now)).Min(place => place.Until) is { } until
            ? DateTimeOffset.FromUnixTimeMilliseconds(until)
            : null;

    public static Node? View(string nodeId, NodeRecord record, DateTimeOffset? lastHeardAt, DateTimeOffset now) =>
        record.Registration is not { } registration
            ? null
            : new Node
            {
                NodeId = nodeId,
                OwnerId = record.OwnerId!,
                Region = registration.Region,
                Model = registration.Model,
                Capacity = registration.Capacity,
                Used = Used(record, now),
                Capabilities = registration.Capabilities,
                SignalingUrl = registration.SignalingUrl,
                PingUrl = registration.PingUrl,
                Load = registration.Load,
                Draining = record.Draining,
                Live = !record.Lost,
                LastHeardAt = lastHeardAt,
            };

    static NodeRecord? Take(NodeRecord record, string sessionId, long? untilMs, DateTimeOffset now)
    {
        if (!TakesNew(record))
            return null;
        // Counting is only needed near the limit: lapsed places make the real number smaller, never larger.
        if (record.Places.Count >= record.Registration!.Capacity)
        {
            record = Prune(record, now);
            if (record.Places.Count >= record.Registration!.Capacity)
                return null;
        }

        return With(record, sessionId, new Place { Until = untilMs, TakenAt = now.ToUnixTimeMilliseconds(), Verified = untilMs is null });
    }

    static NodeRecord With(NodeRecord record, string sessionId, Place place) =>
        record with { Places = record.Places.SetItem(sessionId, place) };
}
