using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Api.Admin;
using SessionManager.Api.Auth;
using SessionManager.Api.Users;
using SessionManager.Nodes;
using SessionManager.Overview;
using SessionManager.Sessions;

namespace SessionManager.Api.Overview;

/// <summary>How the whole service stands, and its last hour.</summary>
/// <param name="At">As of when.</param>
/// <param name="Waiting">Mints that wait for a place (`Prefer: wait`).</param>
/// <param name="RefusalsSince">Refusals before it are not known: what counts them, in memory, began then.</param>
/// <param name="Minutes">The last 60 minutes and the current one, oldest first.</param>
/// <param name="Drops">Of the last hour, the most frequent reason first.</param>
/// <param name="Refusals">Of the last hour, the most frequent code first.</param>
public sealed record OverviewAnswer(
    DateTimeOffset At,
    LiveSessions Sessions,
    Taken Slots,
    Taken Places,
    NodeCounts Nodes,
    int Waiting,
    DateTimeOffset RefusalsSince,
    ImmutableArray<OverviewMinute> Minutes,
    ImmutableArray<DropCount> Drops,
    ImmutableArray<RefusedCount> Refusals);

public sealed record LiveSessions(int Provisioned, int Connected);

/// <param name="Limit">What may be used; left out where it is not known.</param>
public sealed record Taken(int Used, int? Limit);

/// <param name="Live">Take sessions, or would if they were not full.</param>
/// <param name="Draining">Report, and take no new ones.</param>
/// <param name="Lost">Have not reported in time.</param>
/// <param name="Full">Of the live ones, those with no place left.</param>
public sealed record NodeCounts(int Live, int Draining, int Lost, int Full);

/// <param name="Minute">Its beginning (UTC).</param>
/// <param name="Refused">Mints refused; left out where that is not known.</param>
public sealed record OverviewMinute(DateTimeOffset Minute, int Minted, int Connected, int Dropped, int? Refused);

public sealed record DropCount(string Reason, int Count);

public sealed record RefusedCount(string Code, int Count);

static class OverviewRoutes
{
    const int Hour = 60;

    public static void MapOverview(this IEndpointRouteBuilder routes) =>
        routes.MapAdministration().MapGet("/overview", Overview);

    /// <summary>How the whole service stands now, and what happened minute by minute in the last hour.</summary>
    internal static async Task<Ok<OverviewAnswer>> Overview(
        IGrainFactory grains, ISessionQueries queries, SlotLimits limits, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var first = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero).AddMinutes(-Hour);
        var figures = queries.Figures(first, cancellation);
        var directory = grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Snapshot();
        var refused = grains.GetGrain<IMintRefusalsGrain>(IMintRefusalsGrain.Key).History();
        var slots = limits.Read(cancellation);
        var (sessions, nodes, refusals) = (await figures, await directory, await refused);
        var live = nodes.Nodes.Where(node => node.Live && !node.Draining).ToList();
        return TypedResults.Ok(new OverviewAnswer(
            now,
            new LiveSessions(Count(sessions, SessionState.Provisioned), Count(sessions, SessionState.Connected)),
            await slots,
            new Taken(nodes.Nodes.Where(node => node.Live).Sum(node => node.Used), nodes.Nodes.Where(node => node.Live).Sum(node => node.Capacity)),
            new NodeCounts(
                live.Count,
                nodes.Nodes.Count(node => node is { Live: true, Draining: true }),
                nodes.Nodes.Count(node => !node.Live),
                live.Count(node => node.Used >= node.Capacity)),
            nodes.Waiting.Sum(waiting => waiting.Count),
            refusals.Since,
            Minutes(first, sessions, refusals),
            [.. sessions.Drops.Select(drop => new DropCount(DropReasons.Name(drop.Reason), drop.Count))],
            [
                .. refusals.Counts.GroupBy(count => count.Code).Select(code => new RefusedCount(code.Key, code.Sum(count => count.Count)))
                    .OrderByDescending(code => code.Count),
            ]));
    }

    static int Count(SessionFigures figures, SessionState state) =>
        figures.Live.Where(count => count.State == state).Sum(count => count.Count);

    static ImmutableArray<OverviewMinute> Minutes(DateTimeOffset first, SessionFigures sessions, RefusalHistory refusals)
    {
        var happened = sessions.Minutes.ToDictionary(minute => minute.Minute);
        var refused = refusals.Counts.GroupBy(count => count.Minute).ToDictionary(minute => minute.Key, minute => minute.Sum(count => count.Count));
        return
        [
            .. Enumerable.Range(0, Hour + 1).Select(index => first.AddMinutes(index)).Select(minute =>
            {
                var figures = happened.GetValueOrDefault(minute);
                return new OverviewMinute(
                    minute,
                    figures?.Minted ?? 0,
                    figures?.Connected ?? 0,
                    figures?.Dropped ?? 0,
                    refused.TryGetValue(minute, out var count) ? count : minute.AddMinutes(1) > refusals.Since ? 0 : null);
            }),
        ];
    }
}
