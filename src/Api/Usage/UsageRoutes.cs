using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Errors;
using SessionManager.Journal;
using SessionManager.Keys;

namespace SessionManager.Api.Usage;

/// <summary>What the account has used of its month (UTC), and day by day.</summary>
/// <param name="ResetDate">When the next month begins.</param>
/// <param name="LimitHours">Left out where there is no limit.</param>
/// <param name="ActiveCount">Sessions that hold a slot now.</param>
/// <param name="Limit">Sessions it may have open at a time.</param>
/// <param name="Days">Days with streaming only, oldest first.</param>
public sealed record UsageAnswer(
    DateTimeOffset PeriodStart,
    DateTimeOffset ResetDate,
    double UsedHours,
    double? LimitHours,
    int ActiveCount,
    int Limit,
    ImmutableArray<DayUsage> Days);

static class UsageRoutes
{
    public static void MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/usage", Usage).Access(Access.Bearer(Scopes.UsageRead)).WithTags("Usage");

    /// <summary>What the account has used this month.</summary>
    internal static async Task<Results<Ok<UsageAnswer>, Problem>> Usage(
        Caller caller, IGrainFactory grains, IJournalReader journal, CancellationToken cancellation)
    {
        if (await grains.GetGrain<IAccountGrain>(caller.AccountId).Usage() is not { } usage)
            return Problem.Of(ErrorCatalogue.Unauthenticated);
        return TypedResults.Ok(new UsageAnswer(
            usage.PeriodStart,
            usage.ResetDate,
            usage.UsedHours,
            usage.LimitHours,
            usage.ActiveCount,
            usage.Limit,
            await journal.Usage(caller.AccountId, usage.PeriodStart, usage.ResetDate, cancellation)));
    }
}
