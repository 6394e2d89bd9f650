using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Admin;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Sessions;
using SessionManager.Users;

namespace SessionManager.Api.Usage;

/// <summary>What the account has used of its month (UTC), and day by day.</summary>
/// <param name="ResetDate">When the next month begins.</param>
/// <param name="UsedHours">What all days add up to.</param>
/// <param name="LimitHours">Left out where there is no limit.</param>
/// <param name="ActiveCount">Sessions that hold a slot now.</param>
/// <param name="Limit">Sessions it may have open at a time.</param>
/// <param name="Days">Days with streaming only, oldest first; what runs now is counted up to this moment.</param>
public sealed record UsageAnswer(
    DateTimeOffset PeriodStart,
    DateTimeOffset ResetDate,
    double UsedHours,
    double? LimitHours,
    int ActiveCount,
    int Limit,
    ImmutableArray<DayUsage> Days);

/// <param name="Day">UTC.</param>
/// <param name="Seconds">Streamed by all sessions together, in whole milliseconds.</param>
/// <param name="Sessions">Those that were first connected to on this day.</param>
public sealed record DayUsage(DateOnly Day, double Seconds, int Sessions);

static class UsageRoutes
{
    public static void MapUsage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/usage", Usage).Access(Access.Bearer(Scopes.UsageRead)).WithTags("Usage");
        routes.MapAdministration().MapGet("/users/{user_id}/usage", OfUser).Refuses(ErrorCatalogue.UserNotFound);
    }

    /// <summary>What the account has used this month.</summary>
    internal static Task<Results<Ok<UsageAnswer>, Problem>> Usage(
        Caller caller, IGrainFactory grains, ISessionQueries queries, TimeProvider time, CancellationToken cancellation) =>
        Read(caller.AccountId, ErrorCatalogue.Unauthenticated, grains, queries, time, cancellation);

    /// <summary>What a user's account has used this month.</summary>
    internal static async Task<Results<Ok<UsageAnswer>, Problem>> OfUser(
        [FromRoute(Name = "user_id")] string userId, IGrainFactory grains, ISessionQueries queries, TimeProvider time, CancellationToken cancellation) =>
        UserIds.IsWellFormed(userId)
            ? await Read(userId, ErrorCatalogue.UserNotFound, grains, queries, time, cancellation)
            : Problem.Of(ErrorCatalogue.UserNotFound);

    static async Task<Results<Ok<UsageAnswer>, Problem>> Read(
        string accountId, string unknown, IGrainFactory grains, ISessionQueries queries, TimeProvider time, CancellationToken cancellation)
    {
        if (await grains.GetGrain<IAccountGrain>(accountId).Usage() is not { } usage)
            return Problem.Of(unknown);
        var streams = await queries.Usage(
            accountId, StreamedDays.Of(usage.PeriodStart), StreamedDays.Of(usage.ResetDate), cancellation);
        var days = DayByDay(streams, usage.PeriodStart, time.GetUtcNow());
        return TypedResults.Ok(new UsageAnswer(
            usage.PeriodStart,
            usage.ResetDate,
            Math.Round(days.Sum(day => day.Milliseconds) / 3_600_000.0, 4),
            usage.LimitHours,
            usage.ActiveCount,
            usage.Limit,
            [.. days.Select(day => new DayUsage(day.Day, day.Milliseconds / 1000.0, day.Sessions))]));
    }

    /// <summary>Adds what runs now to what has ended.</summary>
    static ImmutableArray<UsageEntry> DayByDay(AccountStreams streams, DateTimeOffset from, DateTimeOffset now)
    {
        var running = streams.RunningSince
            .SelectMany(since => StreamedDays.Between(since > from ? since : from, now))
            .Select(part => new UsageEntry(part.Day, part.Milliseconds, 0));
        return
        [
            .. streams.Days.Concat(running)
                .GroupBy(entry => entry.Day)
                .Select(day => new UsageEntry(day.Key, day.Sum(entry => entry.Milliseconds), day.Sum(entry => entry.Sessions)))
                .OrderBy(day => day.Day),
        ];
    }
}
