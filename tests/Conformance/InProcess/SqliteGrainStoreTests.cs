using System.Text;
using Microsoft.Data.Sqlite;
using SessionManager.InProcess;

namespace SessionManager.Conformance;

public sealed class SqliteGrainStoreTests : IAsyncLifetime
{
    readonly string _folder = Directory.CreateTempSubdirectory("grain-store-").FullName;

    string File => Path.Combine(_folder, "grains.db");

    SqliteGrainStore Store { get; set; } = null!;

    public Task InitializeAsync()
    {
        Store = Create();
        return Store.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await Store.StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_was_written_is_there_when_the_file_is_opened_again()
    {
        var key = new RecordKey(GrainId.Create("wallet", "a"), "state");
        var first = await Write(key, "one", null);
        await Store.StopAsync();
        await InitializeAsync();

        Assert.Equal(("one", first), await Read(key));
        var second = await Write(key, "two", first);
        Assert.True(long.Parse(second, null) > long.Parse(first, null));
    }

    [Fact]
    public async Task Many_writers_share_commits()
    {
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Write(new(GrainId.Create("wallet", $"{i}"), "state"), "x", null)));

        Assert.Equal(500, Store.Writes);
        Assert.InRange(Store.Commits, 1, 100);
    }

    [Fact]
    public async Task A_conflict_in_a_shared_commit_fails_that_write_only()
    {
        var key = new RecordKey(GrainId.Create("wallet", "a"), "state");
        await Write(key, "one", null);
        var writes = Enumerable.Range(0, 50).Select(i => i == 25 ? Write(key, "bad", null) : Write(new(GrainId.Create("w", $"{i}"), "s"), "x", null)).ToList();

        await Task.WhenAny(Task.WhenAll(writes));

        Assert.Equal(49, writes.Count(write => write.IsCompletedSuccessfully));
        Assert.True(writes[25].IsFaulted);
    }

    [Fact]
    public async Task A_commit_that_fails_fails_its_writes_and_the_next_ones_succeed()
    {
        var key = new RecordKey(GrainId.Create("wallet", "a"), "state");
        await using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            await other.OpenAsync();
            await Execute(other, "ALTER TABLE grain_state RENAME TO hidden");
            await Assert.ThrowsAsync<OrleansException>(() => Write(key, "lost", null));
            await Execute(other, "ALTER TABLE hidden RENAME TO grain_state");
        }

        await Write(key, "kept", null);

        Assert.Equal("kept", (await Read(key))?.Text);
    }

    [Fact]
    public async Task A_second_user_of_the_file_is_refused()
    {
        var refused = await Assert.ThrowsAsync<StorageUnusableException>(() => Create().StartAsync(CancellationToken.None));

        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_refused_with_its_name()
    {
        await Store.StopAsync();
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000));

        var refused = await Assert.ThrowsAsync<StorageUnusableException>(() => Create().StartAsync(CancellationToken.None));

        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await Store.StopAsync();
        await using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            await connection.OpenAsync();
            await Execute(connection, "UPDATE grain_meta SET value = 99 WHERE key = 'schema'");
        }

        var refused = await Assert.ThrowsAsync<StorageUnusableException>(() => Create().StartAsync(CancellationToken.None));

        Assert.Contains("99", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_refused_with_its_name()
    {
        var refused = await Assert.ThrowsAsync<StorageUnusableException>(
            () => new SqliteGrainStore(Path.Combine(File, "below-a-file", "grains.db")).StartAsync(CancellationToken.None));

        Assert.Contains("below-a-file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_refusal_the_file_can_be_opened_once_the_cause_is_gone()
    {
        await Store.StopAsync();
        var healthy = await System.IO.File.ReadAllBytesAsync(File);
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000));
        await Assert.ThrowsAsync<StorageUnusableException>(() => Create().StartAsync(CancellationToken.None));
        await System.IO.File.WriteAllBytesAsync(File, healthy);

        await InitializeAsync();

        Assert.Empty(await Store.ReadRemindersAsync(null));
    }

    SqliteGrainStore Create() => new(File);

    Task<string> Write(RecordKey key, string text, string? etag) => Store.WriteAsync(key, Encoding.UTF8.GetBytes(text), etag, CancellationToken.None);

    async Task<(string Text, string ETag)?> Read(RecordKey key) =>
        await Store.ReadAsync(key, CancellationToken.None) is { } stored ? (Encoding.UTF8.GetString(stored.Data.Span), stored.ETag) : null;

    static async Task Execute(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
