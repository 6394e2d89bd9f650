using System.Collections.Immutable;
using SessionManager.Audit;
using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;
using SessionManager.Users;

namespace SessionManager.Tests.Storage.Migration;

/// <summary>What was there before an upgrade is there after it.</summary>
public abstract class MigrationContract
{
    const string Demo = "usr_fklvc3bvjnuijdg33d2uuitkbi";

    static readonly CancellationToken Never = CancellationToken.None;
    static readonly SessionOptions Options = new();

    private protected abstract DateTimeOffset Stopped { get; }

    protected abstract ImmutableArray<Session> Listed { get; }

    protected abstract string MintedLast { get; }

    protected abstract double StreamedSeconds { get; }

    protected abstract ISessionStore Store { get; }

    protected abstract ISessionQueries Queries { get; }

    protected abstract IAuditLog Log { get; }

    protected abstract IUserList Users { get; }

    /// <summary>As another start of the program, an hour later.</summary>
    protected abstract Task StartAgain();

    [StoreFact]
    public async Task Every_session_reads_as_it_did()
    {
        var rows = (await Queries.List(new(), null, 200, Never)).Data;

        Assert.Equal([MintedLast, .. Listed.Select(session => session.SessionId)], rows.Select(row => row.SessionId));
        Assert.All(Listed.Zip(rows.Skip(1)), pair => Assert.Equal(
            pair.First,
            new Session
            {
                SessionId = pair.Second.SessionId,
                State = pair.Second.State,
                Reason = pair.Second.Reason,
                AccountId = pair.Second.AccountId,
                NodeId = pair.Second.NodeId,
                Region = pair.Second.Region,
                Model = pair.Second.Model,
                Capabilities = pair.Second.Capabilities,
                CreatedAt = pair.Second.CreatedAt,
                TokenExpiresAt = pair.Second.TokenExpiresAt,
                TokenExpired = pair.First.TokenExpired,
                ConnectedAt = pair.Second.ConnectedAt,
                DroppedAt = pair.Second.DroppedAt,
                LastActivityAt = pair.Second.LastActivityAt,
            }));
    }

    [StoreFact]
    public async Task Who_held_a_slot_holds_it_as_long_as_before()
    {
        var live = await LiveRows((await Store.TakeOwnership(OwnerKind.Account, Demo)).Live);

        Assert.Equal(1 + Listed.Count(session => session.State != SessionState.Dropped), live.Length);
        Assert.Equal(live.Length, (await Store.TakeOwnership(OwnerKind.Node, "demo-node")).Live.Length);
        Assert.All(live, row => Assert.Equal(
            row.State == SessionState.Connected
                ? row.ConnectionId is null ? row.TokenExpiresAt : null
                : row.TokenExpiresAt ?? row.LastActivityAt.AddSeconds(Options.IdleSeconds),
            row.HoldsUntil));
        // One whose token expired without a connect has lost its slot.
        Assert.Equal(Listed.Count(session => session.State != SessionState.Dropped), live.Count(row => row.HoldsUntil is null || row.HoldsUntil > Stopped));
    }

    [StoreFact]
    public async Task Every_deadline_is_kept()
    {
        var live = await LiveRows((await Store.Look(OwnerKind.Account, Demo)).Live);

        Assert.All(live, row => Assert.NotNull(row.NextDeadline));
        Assert.All(live.Where(row => row.State == SessionState.Connected), row => Assert.Equal(row.ConnectedAt!.Value.AddSeconds(7200), row.StreamEndsAt));
        Assert.All(live.Where(row => row.TokenExpiryNoted), row => Assert.Equal(
            row.State == SessionState.Connected ? row.StreamEndsAt : row.LastActivityAt.AddSeconds(Options.IdleSeconds), row.NextDeadline));
        Assert.All(live.Where(row => !row.TokenExpiryNoted && row.TokenExpiresAt is not null), row => Assert.Equal(row.TokenExpiresAt, row.NextDeadline));
        Assert.Contains(live, row => row.TokenExpiresAt is null && row.NextDeadline == row.LastActivityAt.AddSeconds(Options.IdleSeconds));
        Assert.Equal("demo-node", Assert.Single(await Store.NodesInUse()));
    }

    [StoreFact]
    public async Task Timelines_are_whole_also_where_the_journal_had_not_been_told()
    {
        foreach (var row in (await Queries.List(new(), null, 200, Never)).Data)
        {
            var detail = (await Queries.Detail(row.SessionId, Never))!.Value;
            Assert.Equal(Enumerable.Range(1, row.LastSeq), detail.Events.Select(one => one.Seq));
            Assert.Equal("minted", detail.Events[0].Type);
            Assert.Equal(row.CreatedAt, detail.Events[0].At);
            Assert.Equal(row.State == SessionState.Dropped, detail.Events[^1].Type == "dropped");
        }
    }

    [StoreFact]
    public async Task Usage_audit_and_users_are_as_they_were()
    {
        var usage = await Queries.Usage(Demo, new(2026, 11, 1), new(2026, 12, 1), Never);
        var day = Assert.Single(usage.Days);

        Assert.Equal((new DateOnly(2026, 11, 26), 3), (day.Day, day.Sessions));
        Assert.Equal(StreamedSeconds, day.Milliseconds / 1000.0, 0.002);
        Assert.Equal(Listed.Count(session => session.State == SessionState.Connected) - 1, usage.RunningSince.Length);
        Assert.Equal(["user.create", "login.succeeded", "user.change", "login.succeeded"], (await Log.List(new(), null, 200, Never)).Data.Select(entry => entry.Action));
        Assert.Equal(["admin", "carol", "demo"], (await Users.List(null, null, 200, Never)).Data.Select(user => user.Username));
    }

    [StoreFact]
    public async Task A_mint_under_an_idempotency_key_from_before_is_still_known()
    {
        const string minted = "ses_ftgeqjmfr2nsxnxn2g5ynd26ii";
        var account = (await Store.TakeOwnership(OwnerKind.Account, Demo)).Fence;
        var node = (await Store.TakeOwnership(OwnerKind.Node, "demo-node")).Fence;
        var again = TestSessions.Row("ses_again", Demo, "demo-node", key: "once") with { CreatedAt = Stopped.AddHours(20) };

        Assert.Equal(minted, (await Store.FindByIdempotencyKey(Demo, "once", Stopped.AddHours(20)))?.SessionId);
        Assert.Null(await Store.FindByIdempotencyKey(Demo, "other", Stopped.AddHours(20)));
        Assert.Null(await Store.FindByIdempotencyKey("usr_other", "once", Stopped.AddHours(20)));
        Assert.Null(await Store.FindByIdempotencyKey(Demo, "once", Stopped.AddHours(24)));
        var refused = await Store.Insert(TestSessions.Minted(again), account, node);
        Assert.Equal((WriteOutcome.Conflict, minted), (refused.Outcome, refused.Existing?.SessionId));
        Assert.NotNull(refused.Existing!.BodyDigest);
        Assert.Equal(WriteOutcome.Written, (await Store.Insert(TestSessions.Minted(again with { CreatedAt = Stopped.AddHours(25) }), account, node)).Outcome);
    }

    [StoreFact]
    public async Task Earlier_data_is_brought_forward_once()
    {
        var before = (await Queries.List(new(), null, 200, Never)).Data;
        await Store.Update(before[0].Dropped(Stopped), []);

        await StartAgain();

        Assert.Equal(before.Length, (await Queries.List(new(), null, 200, Never)).Data.Length);
        Assert.Equal(SessionState.Dropped, (await Store.Find(MintedLast))!.State);
        Assert.Equal(StreamedSeconds, await Store.StreamedMilliseconds(Demo, new(2026, 11, 1), new(2026, 12, 1)) / 1000.0, 0.002);
    }

    async Task<ImmutableArray<SessionRow>> LiveRows(ImmutableArray<SessionReport> live) =>
        [.. (await Task.WhenAll(live.Select(one => Store.Find(one.SessionId)))).Select(row => row!)];
}
