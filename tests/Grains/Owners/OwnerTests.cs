using System.Collections.Immutable;
using Orleans.Runtime;
using SessionManager.Owners;
using SessionManager.Sessions;

namespace SessionManager.Tests.Owners;

public sealed class OwnerTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    readonly Rows _rows = new();
    readonly Holdings _holdings = new();
    readonly TestTime _time = new(Now);
    readonly Owner _owner;

    public OwnerTests() => _owner = new Owner(OwnerKind.Account, "usr_1", _rows, _holdings, _time);

    [Fact]
    public async Task The_epoch_is_taken_once_however_many_ask()
    {
        _rows.Hold();
        var asked = Enumerable.Range(0, 5).Select(_ => _owner.Own()).ToArray();
        _rows.Release();
        await Task.WhenAll(asked);
        await _owner.Own();

        Assert.Equal(1, _rows.Epoch);
        Assert.Equal(new Fence(OwnerKind.Account, "usr_1", 1), _owner.Fence);
    }

    [Fact]
    public async Task The_epoch_moves_once_for_all_who_were_refused_under_it()
    {
        await _owner.Own();
        var fence = _owner.Fence;
        await Task.WhenAll(_owner.MoveOn(fence), _owner.MoveOn(fence));
        await _owner.MoveOn(fence);

        Assert.Equal(2, _owner.Fence.Epoch);
        Assert.False(_owner.IsCurrent(fence));
    }

    [Fact]
    public async Task A_failed_taking_leaves_no_owner_and_the_next_who_asks_takes_again()
    {
        await _owner.Own();
        _rows.Failure = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => _owner.MoveOn(_owner.Fence));
        Assert.Throws<OrleansException>(() => _owner.Fence);

        _rows.Failure = null;
        await _owner.Own();
        Assert.Equal(2, _owner.Fence.Epoch);
    }

    [Fact]
    public async Task Who_finds_that_another_has_owned_in_between_goes_on_no_more()
    {
        var usurped = 0;
        var owner = new Owner(OwnerKind.Account, "usr_1", _rows, _holdings, _time)
        {
            Usurped = () => throw new InvalidOperationException($"{++usurped}"),
        };
        await owner.Own();
        await owner.MoveOn(owner.Fence);
        Assert.Equal(0, usurped);

        await _rows.TakeOwnership(OwnerKind.Account, "usr_1");
        await Assert.ThrowsAsync<InvalidOperationException>(() => owner.MoveOn(owner.Fence));

        Assert.Equal(1, usurped);
        Assert.Throws<OrleansException>(() => owner.Fence);
    }

    [Fact]
    public async Task Who_cannot_tell_whether_it_has_taken_an_epoch_ends_and_takes_no_later_one_for_another_owners()
    {
        var unsure = 0;
        var owner = new Owner(OwnerKind.Account, "usr_1", _rows, _holdings, _time) { Unsure = () => unsure++ };
        _rows.Failure = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(owner.Own);
        // Nothing was known yet that could be out of date.
        Assert.Equal(0, unsure);

        _rows.Failure = null;
        await owner.Own();
        _rows.Failure = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => owner.MoveOn(owner.Fence));
        Assert.Equal(1, unsure);
    }

    /// <summary>A mint may wait for a place long after its activation has ended: the next one would take that epoch for another owner's.</summary>
    [Fact]
    public async Task Who_has_ended_takes_no_epoch_any_more()
    {
        var ended = false;
        var owner = new Owner(OwnerKind.Account, "usr_1", _rows, _holdings, _time)
        {
            ThrowIfEnded = () =>
            {
                if (ended)
                    throw new InvalidOperationException();
            },
        };
        await owner.Own();
        ended = true;

        await Assert.ThrowsAsync<InvalidOperationException>(() => owner.MoveOn(owner.Fence));
        await Assert.ThrowsAsync<InvalidOperationException>(owner.MoveOn);
        Assert.Equal(1, _rows.Epoch);
    }

    [Fact]
    public async Task A_look_notices_that_another_has_owned_since_though_it_wrote_no_row()
    {
        var owner = new Owner(OwnerKind.Account, "usr_1", _rows, _holdings, _time) { Usurped = () => throw new InvalidOperationException() };
        await owner.Own();
        await owner.Look();

        await _rows.TakeOwnership(OwnerKind.Account, "usr_1");
        await Assert.ThrowsAsync<InvalidOperationException>(owner.Look);
    }

    [Fact]
    public async Task A_look_under_which_the_owner_takes_a_new_epoch_itself_finds_no_other()
    {
        var owner = new Owner(OwnerKind.Account, "usr_1", _rows, _holdings, _time) { Usurped = () => throw new InvalidOperationException() };
        await owner.Own();
        _rows.Hold();
        var look = owner.Look();
        var moving = owner.MoveOn(owner.Fence);
        _rows.Release();
        await Task.WhenAll(look, moving);

        Assert.Equal(2, owner.Fence.Epoch);
    }

    [Fact]
    public async Task A_first_owner_reads_nothing_again_and_one_that_follows_another_does()
    {
        var readings = 0;
        foreach (var expected in new[] { 0, 1 })
        {
            var owner = new Owner(OwnerKind.Account, "usr_1", _rows, new Holdings(), _time)
            {
                First = () =>
                {
                    readings++;
                    return Task.CompletedTask;
                },
            };
            await owner.Own();
            await owner.MoveOn(owner.Fence);
            Assert.Equal(expected, readings);
        }
    }

    [Fact]
    public async Task One_look_serves_all_who_wait_and_begins_after_each_of_them_came()
    {
        await _owner.Own();
        _rows.Hold();
        var first = _owner.Look();
        Assert.Equal(1, _rows.Looks);
        var waiting = Enumerable.Range(0, 100).Select(_ => _owner.Look()).ToArray();
        Assert.DoesNotContain(waiting, look => look.IsCompleted);

        _rows.Release();
        await first;
        await Task.WhenAll(waiting);
        Assert.Equal(2, _rows.Looks);
    }

    [Fact]
    public async Task Who_comes_while_the_second_look_runs_waits_for_a_third()
    {
        await _owner.Own();
        _rows.Hold();
        var first = _owner.Look();
        var second = _owner.Look();
        _rows.ReleaseOne();
        await first;
        await _rows.UntilLooks(2);
        var third = _owner.Look();
        _rows.Release();
        await Task.WhenAll(second, third);

        Assert.Equal(3, _rows.Looks);
    }

    [Fact]
    public async Task A_look_that_failed_does_not_fail_those_who_wait_for_the_next()
    {
        await _owner.Own();
        _rows.Hold();
        var first = _owner.Look();
        var second = _owner.Look();
        _rows.Failure = new TimeoutException();
        _rows.ReleaseOne();
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        _rows.Failure = null;
        _rows.Release();
        await second;
    }

    [Fact]
    public async Task A_look_settles_a_promise_of_which_nothing_was_heard_for_long_by_a_new_epoch()
    {
        await _owner.Own();
        _holdings.Promise("s-1", 0, Now.AddSeconds(600), Now);
        await _owner.Look();
        Assert.Equal((1, 1), (_holdings.Held(Now), _owner.Fence.Epoch));

        _time.Now = Now + Owner.PromiseLife;
        await _owner.Look();
        Assert.Equal((0, 2), (_holdings.Held(_time.Now), _owner.Fence.Epoch));
    }

    [Fact]
    public async Task Rows_that_are_not_known_here_show_another_owner_and_the_epoch_is_taken_anew()
    {
        await _owner.Own();
        _rows.Live = [Row("s-1")];
        await _owner.Look();

        Assert.Equal((1, 2), (_holdings.Held(Now), _owner.Fence.Epoch));
    }

    static SessionReport Row(string sessionId) => new()
    {
        SessionId = sessionId,
        Version = 1,
        NodeId = "node-1",
        State = SessionState.Provisioned,
        HoldsUntil = Now.AddSeconds(600),
    };

    /// <summary>Counts readings and takings, and holds them up.</summary>
    sealed class Rows : ISessionStore
    {
        readonly SemaphoreSlim _looked = new(0);
        SemaphoreSlim? _gate;

        public ImmutableArray<SessionReport> Live { get; set; } = [];
        public Exception? Failure { get; set; }
        public int Epoch { get; private set; }
        public int Looks { get; private set; }

        public void Hold() => _gate = new(0);

        public void ReleaseOne() => _gate!.Release();

        public void Release()
        {
            var gate = _gate!;
            _gate = null;
            gate.Release(1_000);
        }

        public async Task UntilLooks(int count)
        {
            while (Looks < count)
                await _looked.WaitAsync();
        }

        public async Task<Ownership> TakeOwnership(OwnerKind kind, string id, CancellationToken cancellation = default)
        {
            await Pass();
            return new Ownership(new Fence(kind, id, ++Epoch), Live);
        }

        public async Task<Ownership> Look(OwnerKind kind, string id, CancellationToken cancellation = default)
        {
            Looks++;
            _looked.Release();
            await Pass();
            return new Ownership(new Fence(kind, id, Epoch), Live);
        }

        async Task Pass()
        {
            if (_gate is { } gate)
                await gate.WaitAsync();
            if (Failure is { } failure)
                throw failure;
        }

        public Task<WriteResult> Insert(SessionChange change, Fence account, Fence node) => throw new NotSupportedException();
        public Task<WriteResult> Update(SessionChange change, ImmutableArray<Fence> fences) => throw new NotSupportedException();
        public Task<SessionRow?> Find(string sessionId, CancellationToken cancellation = default) => throw new NotSupportedException();
        public Task<SessionRow?> FindByIdempotencyKey(string accountId, string idempotencyKey, DateTimeOffset now, CancellationToken cancellation = default) =>
            throw new NotSupportedException();
        public Task<long> StreamedMilliseconds(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation = default) =>
            throw new NotSupportedException();
        public Task<ImmutableArray<string>> Overdue(DateTimeOffset before, int limit, CancellationToken cancellation = default) =>
            throw new NotSupportedException();
        public Task<ImmutableArray<string>> NodesInUse(CancellationToken cancellation = default) => throw new NotSupportedException();
        public Task<int> Clean(DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit, CancellationToken cancellation = default) =>
            throw new NotSupportedException();
    }
}
