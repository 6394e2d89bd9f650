using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Api.Errors;
using SessionManager.Api.Validation;
using SessionManager.Broadcasts;
using SessionManager.Lists;

namespace SessionManager.Api.Broadcasts;

/// <summary>Reads broadcasts: the rows, and of the live ones who is watching.</summary>
sealed class BroadcastReader(IBroadcastStore store, IGrainFactory grains)
{
    const string Live = "live";
    const string Ended = "ended";

    /// <param name="accountId">null: of every account.</param>
    public Task<Results<Ok<Page<Broadcast>>, Problem>> List(
        string? accountId, string? state, string? limit, string? cursor, CancellationToken cancellation)
    {
        var check = new Validator();
        check.That(state is null or Live or Ended, "state", $"must be {Live} or {Ended}");
        var size = Paging.Limit(limit, check);
        if (check.Problem is { } problem)
            return Task.FromResult<Results<Ok<Page<Broadcast>>, Problem>>(problem);
        var filter = new BroadcastFilter(accountId, state is null ? null : state == Live);
        return Paging.Read(cursor, async () =>
        {
            var page = await store.List(filter, cursor, size, cancellation);
            return new Page<Broadcast>([.. await Task.WhenAll(page.Data.Select(Watch))], page.Cursor);
        });
    }

    /// <param name="accountId">Another's is not found; null: anyone's.</param>
    public async Task<BroadcastRow?> Find(string broadcastId, string? accountId, CancellationToken cancellation) =>
        BroadcastIds.IsWellFormed(broadcastId) && await store.Find(broadcastId, cancellation) is { } row && (accountId is null || row.AccountId == accountId)
            ? row
            : null;

    public async Task<Broadcast> Watch(BroadcastRow row) => Broadcast.Of(row, row.EndedAt is null ? await Count(row) : default);

    public Task<ViewerCount> Count(BroadcastRow row) => grains.GetGrain<IBroadcastGrain>(row.BroadcastId).Count();
}
