using System.Text;
using Orleans.Storage;
using SessionManager.InProcess;
using SessionManager.Tests;

namespace SessionManager.Conformance;

public enum StoreKind
{
    Memory,
    Sqlite,
    Postgres,
}

/// <summary>What every store promises.</summary>
public sealed class GrainStoreTests : IAsyncLifetime
{
    static readonly RecordKey Key = new(GrainId.Create("wallet", "a"), "state");

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grain-store-");
    IGrainStore? _store;

    IGrainStore Store => _store!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Store.StopAsync();
        _folder.Delete(recursive: true);
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task A_record_is_read_as_it_was_written(StoreKind kind)
    {
        await Open(kind);
        Assert.Null(await Read(Key));

        var etag = await Write(Key, "one", null);

        Assert.Equal(("one", etag), await Read(Key));
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task Records_differ_by_grain_type_key_and_name(StoreKind kind)
    {
        await Open(kind);
        RecordKey[] keys = [Key, new(GrainId.Create("purse", "a"), "state"), new(GrainId.Create("wallet", "b"), "state"), new(Key.Grain, "other")];
        foreach (var key in keys) await Write(key, key.ToString(), null);

        foreach (var key in keys) Assert.Equal(key.ToString(), (await Read(key))?.Text);
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task A_write_with_an_old_etag_is_a_conflict_and_changes_nothing(StoreKind kind)
    {
        await Open(kind);
        var old = await Write(Key, "one", null);
        var current = await Write(Key, "two", old);

        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => Write(Key, "three", old));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(Key, "three", null));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Store.ClearAsync(Key, old, default));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Store.ClearAsync(Key, null, default));

        Assert.Equal(current, conflict.StoredEtag);
        Assert.Equal(old, conflict.CurrentEtag);
        Assert.Equal(("two", current), await Read(Key));
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task An_etag_never_comes_again_even_when_the_record_was_cleared(StoreKind kind)
    {
        await Open(kind);
        var first = await Write(Key, "one", null);
        await Store.ClearAsync(Key, first, default);
        Assert.Null(await Read(Key));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(Key, "zombie", first));

        var second = await Write(Key, "two", null);

        Assert.NotEqual(first, second);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(Key, "zombie", first));
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task Clearing_what_is_not_there_is_no_error(StoreKind kind)
    {
        await Open(kind);
        await Store.ClearAsync(Key, null, default);
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task Of_two_writes_with_one_etag_exactly_one_wins(StoreKind kind)
    {
        await Open(kind);
        var etag = await Write(Key, "start", null);
        var writes = Enumerable.Range(0, 20).Select(i => Write(Key, $"w{i}", etag)).ToList();

        await Task.WhenAny(Task.WhenAll(writes));

        var winner = Assert.Single(writes, write => write.IsCompletedSuccessfully);
        Assert.Equal(await winner, (await Read(Key))?.ETag);
        Assert.All(writes.Where(write => write != winner), write => Assert.IsType<InconsistentStateException>(write.Exception!.InnerException));
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task Reminders_are_added_replaced_listed_and_deleted_by_etag(StoreKind kind)
    {
        await Open(kind);
        var grain = GrainId.Create("account", "x/y");
        var wanted = new StoredReminder(grain, "sweep", new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), TimeSpan.FromMinutes(7), "");
        var first = await Store.UpsertReminderAsync(wanted);
        var second = await Store.UpsertReminderAsync(wanted with { Period = TimeSpan.FromMinutes(8) });
        await Store.UpsertReminderAsync(wanted with { Grain = GrainId.Create("account", "z") });

        Assert.Equal([wanted with { Period = TimeSpan.FromMinutes(8), ETag = second }], await Store.ReadRemindersAsync(grain));
        Assert.Equal(2, (await Store.ReadRemindersAsync(null)).Count);
        Assert.False(await Store.DeleteReminderAsync(grain, "sweep", first));
        Assert.True(await Store.DeleteReminderAsync(grain, "sweep", second));
        Assert.False(await Store.DeleteReminderAsync(grain, "sweep", second));
        Assert.Empty(await Store.ReadRemindersAsync(grain));
    }

    [Theory, InlineData(StoreKind.Memory), InlineData(StoreKind.Sqlite), PostgresData(StoreKind.Postgres)]
    public async Task A_cancelled_write_is_not_carried_out(StoreKind kind)
    {
        await Open(kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync(Key, new byte[1], null, new(canceled: true)));

        Assert.Null(await Read(Key));
    }

    Task Open(StoreKind kind)
    {
        _store = kind switch
        {
            StoreKind.Sqlite => new SqliteGrainStore(Path.Combine(_folder.FullName, "grains.db")),
            StoreKind.Postgres => new PostgresGrainStore(PostgresServer.Shared.CreateDatabase()),
            _ => new InMemoryGrainStore(),
        };
        return _store.StartAsync(CancellationToken.None);
    }

    Task<string> Write(RecordKey key, string text, string? etag) => Store.WriteAsync(key, Encoding.UTF8.GetBytes(text), etag, CancellationToken.None);

    async Task<(string Text, string ETag)?> Read(RecordKey key) =>
        await Store.ReadAsync(key, CancellationToken.None) is { } stored ? (Encoding.UTF8.GetString(stored.Data.Span), stored.ETag) : null;
}
