using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Reminders;
using Orleans.Runtime;
using Orleans.Storage;
using SessionManager.Providers;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Hosting;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Providers;

/// <summary>What the grains count on, of Orleans' ADO.NET providers on our tables.</summary>
public class GrainStorageTests
{
    public sealed record Note
    {
        public string Text { get; init; } = "";
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task State_is_read_back_and_each_write_carries_a_new_etag(StorageProvider provider)
    {
        using var host = new HostFixture(provider);
        await using var app = await host.Start();
        var written = await Write(app, "a", "one");
        var first = written.ETag;
        written.State = new() { Text = "two" };
        await Storage(app).WriteStateAsync("note", Id("a"), written);

        var read = await Read(app, "a");

        Assert.Equal(("two", true, written.ETag), (read.State!.Text, read.RecordExists, read.ETag));
        Assert.NotEqual(first, read.ETag);
        Assert.False((await Read(app, "b")).RecordExists);
        await app.StopAsync();
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_write_on_an_old_etag_is_a_conflict_and_changes_nothing(StorageProvider provider)
    {
        using var host = new HostFixture(provider);
        await using var app = await host.Start();
        await Write(app, "a", "one");
        var (mine, other) = (await Read(app, "a"), await Read(app, "a"));
        await Storage(app).WriteStateAsync("note", Id("a"), mine);
        other.State = new() { Text = "late" };

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage(app).WriteStateAsync("note", Id("a"), other));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage(app).ClearStateAsync("note", Id("a"), other));

        Assert.Equal("one", (await Read(app, "a")).State!.Text);
        await app.StopAsync();
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Of_two_activations_that_both_write_first_one_wins(StorageProvider provider)
    {
        using var host = new HostFixture(provider);
        await using var app = await host.Start();

        var writes = Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await Write(app, "new", $"{i}");
                return 1;
            }
            catch (InconsistentStateException)
            {
                return 0;
            }
        });

        Assert.Equal(1, (await Task.WhenAll(writes)).Sum());
        Assert.True((await Read(app, "new")).RecordExists);
        await app.StopAsync();
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Cleared_state_is_gone_and_can_be_written_again(StorageProvider provider)
    {
        using var host = new HostFixture(provider);
        await using var app = await host.Start();
        var written = await Write(app, "a", "one");
        await Storage(app).ClearStateAsync("note", Id("a"), written);

        Assert.False((await Read(app, "a")).RecordExists);
        await Write(app, "a", "again");
        Assert.Equal("again", (await Read(app, "a")).State!.Text);
        await app.StopAsync();
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task State_and_reminders_survive_a_restart(StorageProvider provider)
    {
        using var host = new HostFixture(provider);
        await using (var first = await host.Start())
        {
            await Write(first, "a", "one");
            await Reminders(first).UpsertRow(Reminder("a"));
            await first.StopAsync();
        }

        await using var second = await host.Start();
        Assert.Equal("one", (await Read(second, "a")).State!.Text);
        Assert.NotNull(await Reminders(second).ReadRow(Id("a"), "sweep"));
        await second.StopAsync();
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_reminder_is_replaced_found_by_its_place_on_the_ring_and_removed_by_its_etag(StorageProvider provider)
    {
        using var host = new HostFixture(provider);
        await using var app = await host.Start();
        var reminders = Reminders(app);
        var old = await reminders.UpsertRow(Reminder("a"));
        var current = await reminders.UpsertRow(Reminder("a", minutes: 2));

        var row = await reminders.ReadRow(Id("a"), "sweep");
        Assert.Equal((TimeSpan.FromMinutes(2), Start, current), (row!.Period, row.StartAt, row.ETag));
        Assert.Single((await reminders.ReadRows(Id("a"))).Reminders);
        var place = Id("a").GetUniformHashCode();
        Assert.Contains((await reminders.ReadRows(place - 1, place)).Reminders, found => found.GrainId == Id("a"));
        Assert.DoesNotContain((await reminders.ReadRows(place, place + 1)).Reminders, found => found.GrainId == Id("a"));
        Assert.Contains((await reminders.ReadRows(place + 1, place)).Reminders, found => found.GrainId == Id("a"));

        Assert.False(await reminders.RemoveRow(Id("a"), "sweep", old!));
        Assert.True(await reminders.RemoveRow(Id("a"), "sweep", current!));
        Assert.Empty((await reminders.ReadRows(Id("a"))).Reminders);
        await app.StopAsync();
    }

    [Fact]
    public async Task On_SQLite_writers_that_wait_share_a_commit()
    {
        using var host = new HostFixture();
        await using var app = await host.Start();
        var source = (GroupCommitDataSource)app.Services.GetRequiredService<OrleansDatabase>().Source;
        var before = source.Commits;
        using var other = new SqliteFile(Path.Combine(host.DatabaseFolder, "grains.db")).OpenWriter();
        await using var busy = await other.BeginTransactionAsync();

        // The one that comes first waits for the file on its own thread, the others for it.
        var calls = Enumerable.Range(0, 1_000).Select(i => Task.Factory.StartNew(() => Write(app, $"g{i}", "x"))).ToArray();
        await Task.WhenEach(calls).Take(calls.Length - 1).CountAsync();
        await busy.RollbackAsync();
        await Task.WhenAll(await Task.WhenAll(calls));

        // 256 share one at most.
        Assert.Equal(1 + 4, source.Commits - before);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Read(app, $"g{i}"))), read => Assert.True(read.RecordExists));
        await app.StopAsync();
    }

    [PostgresFact]
    public async Task On_PostgreSQL_large_state_is_compressed_with_LZ4_where_the_server_has_it()
    {
        using var host = new HostFixture(PostgreSQL);
        await using var app = await host.Start();
        await Write(app, "large", string.Concat(Enumerable.Repeat("as busy accounts write ", 1_000)));
        await using var connection = await app.Services.GetRequiredService<OrleansDatabase>().Source.OpenConnectionAsync();

        var (used, has) = await connection.QuerySingleAsync<(string, bool)>(
            """
            SELECT pg_column_compression(payload), (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression')
            FROM grain_state WHERE id_text = 'large'
            """);

        Assert.Equal(has ? "lz4" : "pglz", used);
        await app.StopAsync();
    }

    static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    static ReminderEntry Reminder(string key, int minutes = 1) =>
        new() { GrainId = Id(key), ReminderName = "sweep", StartAt = Start, Period = TimeSpan.FromMinutes(minutes) };

    static GrainId Id(string key) => GrainId.Create("note", key);

    static IGrainStorage Storage(WebApplication app) => app.Services.GetRequiredKeyedService<IGrainStorage>("Default");

    static IReminderTable Reminders(WebApplication app) => app.Services.GetRequiredService<IReminderTable>();

    static async Task<GrainState<Note>> Write(WebApplication app, string key, string text)
    {
        var state = new GrainState<Note>(new Note { Text = text });
        await Storage(app).WriteStateAsync("note", Id(key), state);
        return state;
    }

    static async Task<GrainState<Note>> Read(WebApplication app, string key)
    {
        var state = new GrainState<Note>();
        await Storage(app).ReadStateAsync("note", Id(key), state);
        return state;
    }
}
