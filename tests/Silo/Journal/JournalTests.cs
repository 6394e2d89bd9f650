using System.Collections.Immutable;
using SessionManager.Journal;
using SessionManager.Sessions;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;
using static SessionManager.Tests.Journal.JournalFixture;

namespace SessionManager.Tests.Journal;

public class JournalTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_session_is_read_back_as_it_was_written(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        var session = Minted(1) with
        {
            State = SessionState.Dropped,
            Reason = DropReason.NodeLost,
            TokenExpiresAt = Start.AddTicks(1),
            TokenExpired = true,
            ConnectedAt = Start.AddTicks(2),
            DroppedAt = Start.AddTicks(3),
            BroadcastId = "brc_1",
        };
        var bare = Minted(2, seconds: 1) with { Capabilities = null };

        await journal.Writer.Append(session, MintedEvent);
        await journal.Writer.Append(bare, MintedEvent);

        var page = await journal.Reader.Sessions("usr_a", null, null, 10, default);
        Assert.Equal([bare, session], page.Data.ToArray());
        Assert.Null(page.Cursor);
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_timeline_is_read_back_as_it_was_written(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        ImmutableArray<SessionEvent> events =
        [
            new(1, Start, "minted", "node-1"),
            new(2, Start.AddTicks(1), "connected", "node-1", "con_1"),
            new(3, Start.AddTicks(2), "dropped", null, null, "idle", 1.25),
        ];

        await journal.Writer.Append(Minted(1), events);

        Assert.Equal(events.ToArray(), (await journal.Reader.Timeline(Id(1), default)).ToArray());
        Assert.Empty(await journal.Reader.Timeline(Id(2), default));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Writing_the_same_events_again_changes_nothing(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        ImmutableArray<SessionEvent> first = [new(1, Start, "minted"), new(2, Start, "token_issued")];

        await journal.Writer.Append(Minted(1), first);
        await journal.Writer.Append(Minted(1), [first[1] with { Type = "changed" }, new(3, Start, "dropped")]);

        Assert.Equal(first.Add(new(3, Start, "dropped")).ToArray(), (await journal.Reader.Timeline(Id(1), default)).ToArray());
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_late_repeat_of_older_news_does_not_turn_a_session_back(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        var dropped = Minted(1) with { State = SessionState.Dropped, DroppedAt = Start };

        await journal.Writer.Append(dropped, [new(2, Start, "dropped")]);
        await journal.Writer.Append(Minted(1), MintedEvent);

        Assert.Equal([dropped], (await journal.Reader.Sessions(null, null, null, 10, default)).Data.ToArray());
        Assert.Equal([1, 2], (await journal.Reader.Timeline(Id(1), default)).Select(e => e.Seq));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Pages_hold_every_session_once_newest_first_even_if_minted_at_one_instant(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        foreach (var number in Enumerable.Range(0, 25))
            await journal.Writer.Append(Minted(number, seconds: number / 10), MintedEvent);

        var seen = new List<Session>();
        string? cursor = null;
        do
        {
            var page = await journal.Reader.Sessions("usr_a", null, cursor, 10, default);
            seen.AddRange(page.Data.ToArray());
            cursor = page.Cursor;
            // What is minted between two pages is newer than both and must not shift the second.
            await journal.Writer.Append(Minted(100 + seen.Count, seconds: 100), MintedEvent);
        }
        while (cursor is not null);

        Assert.Equal(25, seen.DistinctBy(session => session.SessionId).Count());
        Assert.Equal(25, seen.Count);
        Assert.Equal(seen.OrderByDescending(session => session.CreatedAt).Select(session => session.CreatedAt), seen.Select(session => session.CreatedAt));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Lists_are_narrowed_by_account_and_state(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        await journal.Writer.Append(Minted(1), MintedEvent);
        await journal.Writer.Append(Minted(2) with { State = SessionState.Connected }, MintedEvent);
        await journal.Writer.Append(Minted(3, account: "usr_b") with { State = SessionState.Connected }, MintedEvent);

        Assert.Equal([Id(2)], await List("usr_a", SessionState.Connected));
        Assert.Equal([Id(3)], await List("usr_b", null));
        Assert.Equal(2, (await List(null, SessionState.Connected)).Length);
        Assert.Empty(await List("usr_c", null));

        async Task<string[]> List(string? account, SessionState? state) =>
            [.. (await journal.Reader.Sessions(account, state, null, 10, default)).Data.Select(session => session.SessionId)];
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_dropped_session_leaves_the_lists_after_its_24_hours(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        await journal.Writer.Append(Minted(1) with { State = SessionState.Dropped, DroppedAt = Start }, MintedEvent);

        journal.Time.Now = Start.AddHours(24).AddTicks(-1);
        Assert.Single((await journal.Reader.Sessions("usr_a", null, null, 10, default)).Data);
        journal.Time.Now = Start.AddHours(24);
        Assert.Empty((await journal.Reader.Sessions("usr_a", null, null, 10, default)).Data.ToArray());
        Assert.NotEmpty(await journal.Reader.Timeline(Id(1), default));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Dropped_sessions_are_to_be_purged_once_oldest_first(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        foreach (var number in new[] { 3, 1, 2 })
            await journal.Writer.Append(Minted(number) with { State = SessionState.Dropped, DroppedAt = Start.AddSeconds(number) }, MintedEvent);
        await journal.Writer.Append(Minted(4), MintedEvent);

        Assert.Equal([Id(1), Id(2)], (await journal.Reader.Purgeable(Start.AddSeconds(3), 10, default)).ToArray());
        await journal.Writer.Purged(Id(1));
        Assert.Equal([Id(2)], (await journal.Reader.Purgeable(Start.AddSeconds(3), 10, default)).ToArray());
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Usage_is_cut_at_midnight_and_at_the_period(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        // The start is at 22:00: four hours streamed until 02:00, an hour of another session, and a third's of another account.
        await journal.Writer.Append(Minted(1), [new(1, Start.AddHours(4), "dropped", StreamedSeconds: 4 * 3600)]);
        await journal.Writer.Append(Minted(2), [new(1, Start.AddHours(5), "connection_lost", StreamedSeconds: 3600), new(2, Start.AddHours(9), "dropped")]);
        await journal.Writer.Append(Minted(3, account: "usr_b"), [new(1, Start.AddHours(4), "dropped", StreamedSeconds: 60)]);

        var usage = await journal.Reader.Usage("usr_a", Start.AddHours(1), Start.AddHours(4.5), default);

        Assert.Equal([new(new(2026, 3, 1), 3600, 1), new(new(2026, 3, 2), 9000, 2)], usage.ToArray());
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_list_shows_what_was_queued_before_it_was_asked_for(StorageProvider provider)
    {
        await using var journal = await Create(provider);

        var writes = Enumerable.Range(0, 600).Select(number => journal.Writer.Append(Minted(number), MintedEvent)).ToArray();
        var listed = (await journal.Reader.Sessions(null, null, null, 200, default)).Data.Length
            + (await journal.Reader.Purgeable(Start, 1, default)).Length;

        Assert.Equal(200, listed);
        Assert.True(Array.TrueForAll(writes, write => write.IsCompletedSuccessfully));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task An_entry_the_database_refuses_does_not_take_the_rest_of_its_batch_with_it(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        // Both have the column as NOT NULL, and no contract of ours lets it be null.
        var bad = Minted(1) with { Region = null! };

        var writes = new[] { bad, Minted(2), bad, Minted(3) }.Select(session => journal.Writer.Append(session, MintedEvent)).ToArray();

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => writes[0]);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => writes[2]);
        await Task.WhenAll(writes[1], writes[3]);
        Assert.Equal(2, (await journal.Reader.Sessions(null, null, null, 9, default)).Data.Length);
        Assert.Empty(await journal.Reader.Timeline(Id(1), default));
    }

    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task What_was_answered_is_there_for_the_next_process(StorageProvider provider)
    {
        await using var journal = await Create(provider);
        var write = journal.Writer.Append(Minted(1), MintedEvent);
        await journal.Writer.StopAsync(default);
        await write;

        var (_, reader) = await journal.Open();

        Assert.Single((await reader.Sessions(null, null, null, 9, default)).Data.ToArray());
    }
}
