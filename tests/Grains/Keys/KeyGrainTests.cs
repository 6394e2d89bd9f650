using System.Globalization;
using SessionManager.Keys;
using SessionManager.Tests.Cluster;

namespace SessionManager.Tests.Keys;

[Collection(SharedSilos.Name)]
public sealed class KeyGrainTests(TwoSilos silos) : IAsyncLifetime
{
    const string State = "key";
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    static readonly IOException DiskFull = new("The disk is full.");
    static int _made;

    readonly KeyRecord _record = new()
    {
        AccountId = "usr_a",
        Hash = KeyFormat.Hash(Interlocked.Increment(ref _made).ToString(CultureInfo.InvariantCulture)),
        Name = "script",
        Prefix = "odn_abcdef",
        Scopes = [Scopes.SessionsRead],
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    GrainCluster Cluster => silos.Cluster;
    IKeyGrain Key => Cluster.Grain<IKeyGrain>(KeyFormat.IdOf(_record.Hash));
    int Writes => Cluster.Store.Writes(Key);

    public async Task InitializeAsync() => Assert.True(await Key.Create(_record));

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_use_writes_nothing_on_the_requests_path_and_shows_at_once()
    {
        for (var use = 0; use < 1_000; use++)
            await Key.Used();

        Assert.Equal(1, Writes);
        Assert.Equal(Cluster.Clock.GetUtcNow(), (await Key.Get())!.LastUsedAt);
    }

    [Fact]
    public async Task However_often_a_key_is_used_its_last_use_is_written_once_a_minute()
    {
        for (var second = 0; second < 600; second++)
        {
            await Key.Used();
            await Cluster.Advance(Second);
        }

        Assert.InRange(Writes - 1, 9, 10);
    }

    [Fact]
    public async Task An_idle_key_writes_nothing()
    {
        await Key.Used();
        for (var minute = 0; minute < 10; minute++)
            await Cluster.Advance(60 * Second);
        Assert.Equal(2, Writes);
    }

    [Fact]
    public async Task A_use_of_the_last_minute_is_written_when_the_activation_ends()
    {
        var used = Cluster.Clock.GetUtcNow();
        await Key.Used();
        await Cluster.End(Key);
        Assert.Equal(used, (await Key.Get())!.LastUsedAt);
        Assert.Equal(2, Writes);
    }

    [Fact]
    public async Task A_use_that_could_not_be_written_before_the_end_is_lost_and_the_key_lives()
    {
        await Key.Used();
        Cluster.Store.Fail(Key, DiskFull);
        await Cluster.End(Key);
        Cluster.Store.LetThrough(Key);
        Assert.Null((await Key.Get())!.LastUsedAt);
        Assert.True((await Key.Authenticate(_record.Hash)).Ok);
    }

    [Fact]
    public async Task A_key_revoked_through_one_silo_is_dead_at_the_next_use_through_another()
    {
        var (one, other) = (Through(0), Through(1));
        Assert.True((await one.Authenticate(_record.Hash)).Ok);
        Assert.True((await other.Authenticate(_record.Hash)).Ok);

        Assert.NotNull(await one.Revoke());

        Assert.False((await other.Authenticate(_record.Hash)).Ok);
        IKeyGrain Through(int silo) => GrainCluster.Grain<IKeyGrain>(Cluster.Silos[silo], KeyFormat.IdOf(_record.Hash));
    }

    [Fact]
    public async Task A_late_note_of_use_does_not_bring_a_revoked_key_back()
    {
        await Key.Used();
        Assert.NotNull(await Key.Revoke());
        await Cluster.Advance(120 * Second);
        Assert.False((await Key.Authenticate(_record.Hash)).Ok);
        await Cluster.End(Key);

        Assert.Equal(2, Writes);
        Assert.False((await Key.Authenticate(_record.Hash)).Ok);
        Assert.Null(await Key.Get());
        Assert.Null(await Key.Revoke());
        Assert.False(await Key.Create(_record));
    }

    [Fact]
    public async Task A_note_that_another_activations_revocation_has_overtaken_is_refused_and_the_key_stays_dead()
    {
        await Key.Used();
        Cluster.Store.Overwrite(Key, State, KeyState.Revoked(Cluster.Clock.GetUtcNow()));

        await Cluster.Advance(61 * Second);
        await Cluster.Ended(Key);

        Assert.False((await Key.Authenticate(_record.Hash)).Ok);
        Assert.Null(await Key.Get());
    }

    [Fact]
    public async Task While_a_revocation_is_being_written_whoever_asks_waits_for_it()
    {
        var gate = Cluster.Store.Hold(Key);
        var revoking = Key.Revoke();
        await gate.Reached;
        var asking = Key.Authenticate(_record.Hash);
        var reading = Key.Get();
        await Task.WhenAll(Cluster.Received.Of(Key, nameof(IKeyGrain.Authenticate)), Cluster.Received.Of(Key, nameof(IKeyGrain.Get)));
        Assert.False(asking.IsCompleted || reading.IsCompleted || revoking.IsCompleted);

        gate.Open();
        Assert.NotNull(await revoking);
        Assert.False((await asking).Ok);
        Assert.Null(await reading);
    }

    [Fact]
    public async Task A_revocation_that_could_not_be_written_is_told_to_nobody_as_done_and_storage_says_what_holds()
    {
        var gate = Cluster.Store.Hold(Key);
        var revoking = Key.Revoke();
        await gate.Reached;
        var asking = Key.Authenticate(_record.Hash);
        await Cluster.Received.Of(Key, nameof(IKeyGrain.Authenticate));
        gate.Open(DiskFull);

        await Assert.ThrowsAnyAsync<Exception>(() => revoking);
        await Assert.ThrowsAnyAsync<Exception>(() => asking);
        Cluster.Store.LetThrough(Key);
        await Cluster.Ended(Key);
        Assert.True((await Key.Authenticate(_record.Hash)).Ok);
        Assert.NotNull(await Key.Revoke());
        Assert.False((await Key.Authenticate(_record.Hash)).Ok);
    }

    [Fact]
    public async Task A_note_that_cannot_be_written_does_not_keep_the_key_from_working()
    {
        await Key.Used();
        Cluster.Store.Fail(Key, DiskFull);
        await Cluster.Advance(61 * Second);
        await Cluster.Ended(Key);
        Assert.True((await Key.Authenticate(_record.Hash)).Ok);
        await Key.Used();

        Cluster.Store.LetThrough(Key);
        await Cluster.Advance(61 * Second);
        Assert.Equal(2, Writes);
    }
}
