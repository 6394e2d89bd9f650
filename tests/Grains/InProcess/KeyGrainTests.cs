using SessionManager.Conformance;
using SessionManager.Keys;

namespace SessionManager.Grains.Tests.Keys;

public sealed class KeyGrainTests : IAsyncLifetime
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    static readonly KeyRecord Record = new()
    {
        AccountId = "usr_a",
        Hash = KeyFormat.Hash("one"),
        Name = "script",
        Prefix = "odn_abcdef",
        Scopes = [Scopes.SessionsRead],
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    static readonly string Id = KeyFormat.IdOf(Record.Hash);
    readonly TestStore _store = new();
    readonly ManualTimeProvider _time = new();
    TestEngine _engine = null!;

    IKeyGrain Key => _engine.Grain<IKeyGrain>(Id);
    int Writes => _store.Writes("key", Id);

    public async Task InitializeAsync()
    {
        await Start();
        Assert.True(await Key.Create(Record));
    }

    public Task DisposeAsync() => _engine.DisposeAsync().AsTask();

    [Fact]
    public async Task A_use_writes_nothing_on_the_requests_path_and_shows_at_once()
    {
        for (var use = 0; use < 1_000; use++)
            Assert.NotNull(await Key.Authenticate(Record.Hash));

        Assert.Equal(1, Writes);
        Assert.Equal(_time.GetUtcNow(), (await Key.Get())!.LastUsedAt);
    }

    [Fact]
    public async Task However_often_a_key_is_used_its_last_use_is_written_once_a_minute()
    {
        for (var second = 0; second < 600; second++)
        {
            await Key.Authenticate(Record.Hash);
            await _engine.Advance(Second);
        }

        Assert.InRange(Writes - 1, 9, 10);
    }

    [Fact]
    public async Task An_idle_key_writes_nothing()
    {
        await Key.Authenticate(Record.Hash);
        for (var minute = 0; minute < 10; minute++)
            await _engine.Advance(60 * Second);
        Assert.Equal(2, Writes);
    }

    [Fact]
    public async Task A_use_of_the_last_minute_is_written_when_the_activation_ends()
    {
        var used = _time.GetUtcNow();
        await Key.Authenticate(Record.Hash);
        await Restart();
        Assert.Equal(used, (await Key.Get())!.LastUsedAt);
    }

    [Fact]
    public async Task What_was_not_written_when_the_process_died_is_lost_and_the_key_lives()
    {
        await Key.Authenticate(Record.Hash);
        _engine.Abort();
        await Start();
        Assert.Null((await Key.Get())!.LastUsedAt);
        Assert.NotNull(await Key.Authenticate(Record.Hash));
    }

    [Fact]
    public async Task A_late_note_of_use_does_not_bring_a_revoked_key_back()
    {
        await Key.Authenticate(Record.Hash);
        Assert.NotNull(await Key.Revoke());
        await _engine.Advance(120 * Second);
        Assert.Null(await Key.Authenticate(Record.Hash));
        await Restart();

        Assert.Equal(2, Writes);
        Assert.Null(await Key.Authenticate(Record.Hash));
        Assert.Null(await Key.Get());
        Assert.Null(await Key.Revoke());
        Assert.False(await Key.Create(Record));
    }

    [Fact]
    public async Task A_note_that_another_activations_revocation_has_overtaken_is_refused_and_the_key_stays_dead()
    {
        await Key.Authenticate(Record.Hash);
        await _store.Overwrite("key", Id, KeyState.Revoked(_time.GetUtcNow()));

        await _engine.Advance(61 * Second);

        Assert.Null(await Key.Authenticate(Record.Hash));
        Assert.Null(await Key.Get());
    }

    [Fact]
    public async Task While_a_revocation_is_being_written_whoever_asks_waits_for_it()
    {
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;
        var revoking = Key.Revoke();
        await _engine.Quiet();
        var asking = Key.Authenticate(Record.Hash);
        var reading = Key.Get();
        await _engine.Quiet();
        Assert.False(asking.IsCompleted || reading.IsCompleted || revoking.IsCompleted);

        gate.SetResult();
        Assert.NotNull(await revoking);
        Assert.Null(await asking);
        Assert.Null(await reading);
    }

    [Fact]
    public async Task A_revocation_that_could_not_be_written_is_told_to_nobody_as_done_and_storage_says_what_holds()
    {
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;
        var revoking = Key.Revoke();
        await _engine.Quiet();
        var asking = Key.Authenticate(Record.Hash);
        await _engine.Quiet();
        gate.SetException(new IOException("The disk is full."));

        await Assert.ThrowsAnyAsync<Exception>(() => revoking);
        await Assert.ThrowsAnyAsync<Exception>(() => asking);
        _store.Gate = Task.CompletedTask;
        await _engine.Quiet();
        Assert.NotNull(await Key.Authenticate(Record.Hash));
        Assert.NotNull(await Key.Revoke());
        Assert.Null(await Key.Authenticate(Record.Hash));
    }

    [Fact]
    public async Task A_note_that_cannot_be_written_does_not_keep_the_key_from_working()
    {
        await Key.Authenticate(Record.Hash);
        _store.Gate = Task.FromException(new IOException("The disk is full."));
        await _engine.Advance(61 * Second);
        Assert.NotNull(await Key.Authenticate(Record.Hash));

        _store.Gate = Task.CompletedTask;
        await _engine.Advance(61 * Second);
        Assert.Equal(2, Writes);
    }

    async Task Restart()
    {
        await DisposeAsync();
        await Start();
    }

    async Task Start() => _engine = await TestEngine.Start(_store, _time);
}
