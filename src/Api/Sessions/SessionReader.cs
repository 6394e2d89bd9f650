using System.Collections.Frozen;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Api.Errors;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Lists;
using SessionManager.Sessions;
using SessionOptions = SessionManager.Sessions.SessionOptions;

namespace SessionManager.Api.Sessions;

/// <summary>Which sessions a list is asked for, as the query spells it; what is null is not asked for.</summary>
sealed record SessionQuery(string? State, string? NodeId, string? Region, string? Reason, string? Sort, string? Since, string? Until);

/// <summary>Reads sessions for their owner, and for administrators those of anyone.</summary>
sealed class SessionReader(ISessionQueries queries, IGrainFactory grains, IOptions<SessionOptions> options, TimeProvider time)
{
    static readonly FrozenDictionary<string, SessionState> States = new Dictionary<string, SessionState>
    {
        ["provisioned"] = SessionState.Provisioned,
        ["connected"] = SessionState.Connected,
        ["dropped"] = SessionState.Dropped,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, DropReason> Reasons =
        Enum.GetValues<DropReason>().ToFrozenDictionary(DropReasons.Name, StringComparer.Ordinal);

    static readonly FrozenDictionary<string, SessionOrder> Orders = new Dictionary<string, SessionOrder>
    {
        ["-created_at"] = SessionOrder.NewestFirst,
        ["created_at"] = SessionOrder.OldestFirst,
        ["-dropped_at"] = SessionOrder.LastDroppedFirst,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="accountId">null: of every account.</param>
    public async Task<Results<Ok<Page<Session>>, Problem>> List(
        string? accountId, SessionQuery query, string? limit, string? cursor, CancellationToken cancellation)
    {
        var check = new Validator();
        check.That(query.State is null || States.ContainsKey(query.State), "state", "must be provisioned, connected or dropped");
        check.That(query.Reason is null || Reasons.ContainsKey(query.Reason), "reason", $"must be one of {string.Join(", ", Reasons.Keys.Order())}");
        check.That(query.Sort is null || Orders.ContainsKey(query.Sort), "sort", "must be -created_at, created_at or -dropped_at");
        var (since, until) = (check.Instant(query.Since, "since"), check.Instant(query.Until, "until"));
        var size = Paging.Limit(limit, check);
        if (check.Problem is { } problem)
            return problem;
        var now = time.GetUtcNow();
        var filter = new SessionFilter(
            accountId,
            query.State is null ? null : States[query.State],
            query.NodeId,
            query.Region,
            query.Reason is null ? null : Reasons[query.Reason],
            NotDroppedBefore: ReadableFrom(now),
            query.Sort is null ? SessionOrder.NewestFirst : Orders[query.Sort],
            since,
            until);
        return await Paging.Read(cursor, async () =>
        {
            var page = await queries.List(filter, cursor, size, cancellation);
            return new Page<Session>([.. page.Data.Select(row => Session.Of(row, now))], page.Cursor);
        });
    }

    /// <param name="accountId">null: of any account.</param>
    public async Task<Results<Ok<SessionTimeline>, Problem>> Get(string id, string? accountId, CancellationToken cancellation) =>
        await Find(id, accountId, cancellation) is { } found ? TypedResults.Ok(found) : Problem.Of(ErrorCatalogue.SessionNotFound);

    /// <summary>As it stands at this moment; null where there is none that may be read.</summary>
    /// <param name="accountId">null: of any account.</param>
    public async Task<SessionTimeline?> Find(string id, string? accountId, CancellationToken cancellation)
    {
        if (!SessionIds.IsWellFormed(id) || await queries.Detail(id, cancellation) is not { } detail)
            return null;
        if (detail.Row.NextDeadline <= time.GetUtcNow())
        {
            // Its timer is about to fire, or nobody has lived to keep the deadline: what is told is how things are after it.
            await grains.GetGrain<ISessionGrain>(id).Wake();
            if (await queries.Detail(id, cancellation) is not { } kept)
                return null;
            detail = kept;
        }

        var now = time.GetUtcNow();
        return (accountId is null || detail.Row.AccountId == accountId) && !(detail.Row.DroppedAt < ReadableFrom(now))
            ? new SessionTimeline(Session.Of(detail.Row, now), detail.Events)
            : null;
    }

    /// <summary>Who was dropped before it can be read no more. Rows are deleted some time later.</summary>
    DateTimeOffset ReadableFrom(DateTimeOffset now) => now.AddSeconds(-options.Value.RetentionSeconds).AddTicks(1);
}
