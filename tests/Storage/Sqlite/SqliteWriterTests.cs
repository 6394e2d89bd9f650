using Microsoft.Data.Sqlite;
using SessionManager.Sessions;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Storage.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteWriterTests : IAsyncLifetime
{
    SqliteTestStore _test = null!;
    Fence _account;
    Fence _node;

    SqliteWriter Writer => _test.Database.Writer;

    public async Task InitializeAsync()
    {
        _test = await SqliteTestStore.Open();
        _account = (await _test.Store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        _node = (await _test.Store.TakeOwnership(OwnerKind.Node, "node-1")).Fence;
    }

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    [Fact]
    public async Task A_write_that_finds_nobody_writing_commits_on_its_own_thread()
    {
        var here = Environment.CurrentManagedThreadId;

        var write = Writer.Execute(_ => Environment.CurrentManagedThreadId);

        Assert.True(write.IsCompletedSuccessfully);
        Assert.Equal(here, await write);
    }

    [Fact]
    public async Task Writes_that_wait_for_a_commit_share_the_next_one()
    {
        using var begun = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var before = Writer.Commits;
        var first = Task.Run(() => Writer.Execute(_ =>
        {
            begun.Set();
            release.Wait();
            return 0;
        }));
        begun.Wait();
        var rest = Enumerable.Range(0, 256).Select(i => Insert($"ses_{i}")).ToArray();
        release.Set();

        await first;
        Assert.All(await Task.WhenAll(rest), result => Assert.Equal(WriteOutcome.Written, result.Outcome));
        Assert.Equal(2, Writer.Commits - before);
    }

    [Fact]
    public async Task A_row_that_the_database_will_not_have_fails_alone()
    {
        using var begun = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var first = Task.Run(() => Writer.Execute(_ =>
        {
            begun.Set();
            release.Wait();
            return 0;
        }));
        begun.Wait();
        // The second event has the number of the first: the row before it must not stay.
        var row = Row("ses_bad");
        var bad = _test.Store.Insert(new(row, [new(1, Start, "minted"), new(1, Start, "minted")], []), _account, _node);
        var empty = _test.Store.Insert(Minted(Row("ses_empty") with { Region = null! }), _account, _node);
        var rest = Enumerable.Range(0, 20).Select(i => Insert($"ses_{i}")).ToArray();
        release.Set();

        await first;
        Assert.Equal(2067, (await Assert.ThrowsAsync<SqliteException>(() => bad)).SqliteExtendedErrorCode);
        await Assert.ThrowsAsync<SqliteException>(() => empty);
        Assert.All(await Task.WhenAll(rest), result => Assert.Equal(WriteOutcome.Written, result.Outcome));
        Assert.Null(await _test.Store.Find("ses_bad"));
        Assert.Null(await _test.Store.Find("ses_empty"));
    }

    [Fact]
    public async Task Stopping_writes_what_waits_and_refuses_what_comes()
    {
        using var begun = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var first = Task.Run(() => Writer.Execute(_ =>
        {
            begun.Set();
            release.Wait();
            return 0;
        }));
        begun.Wait();
        var rest = Enumerable.Range(0, 600).Select(i => Insert($"ses_{i}")).ToArray();
        var stopping = _test.Database.DisposeAsync().AsTask();
        while (!Insert("ses_late").IsFaulted)
            await Task.Yield();
        release.Set();

        await stopping;
        await first;
        Assert.All(await Task.WhenAll(rest), result => Assert.Equal(WriteOutcome.Written, result.Outcome));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Insert("ses_late"));
    }

    /// <summary>A caller that commits by itself while the writer's thread learns that it is to end is not joined by it.</summary>
    [Fact]
    public async Task However_it_is_stopped_what_is_under_way_is_written_by_one_thread_alone()
    {
        for (var round = 0; round < 300; round++)
        {
            await using var file = await SqliteTestStore.Open();
            var writer = file.Database.Writer;
            var writing = 0;
            var callers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                while (true)
                {
                    try
                    {
                        await writer.Execute(_ =>
                        {
                            Assert.Equal(1, Interlocked.Increment(ref writing));
                            Thread.SpinWait(200);
                            return Interlocked.Decrement(ref writing);
                        });
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                }
            })).ToArray();
            await Task.Yield();
            await writer.DisposeAsync();
            await Task.WhenAll(callers);
        }
    }

    Task<WriteResult> Insert(string id) => _test.Store.Insert(Minted(Row(id)), _account, _node);
}
