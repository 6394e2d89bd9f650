using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Npgsql;
using SessionManager.Journal;
using SessionManager.Options;
using SessionManager.Randomness;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Tests.Journal;

/// <summary>A journal on a database of its own. Opening it again stands for another process.</summary>
sealed class JournalFixture : IAsyncDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("journal");
    readonly StorageProvider provider;
    readonly string place;
    readonly List<JournalWriter> writers = [];
    readonly List<NpgsqlDataSource> servers = [];

    JournalFixture(StorageProvider provider)
    {
        this.provider = provider;
        place = provider == StorageProvider.SQLite
            ? Path.Combine(folder.FullName, "journal.db")
            : PostgresServer.Shared.CreateDatabase();
    }

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 22, 0, 0, TimeSpan.Zero);

    public TestTime Time { get; } = new(Start);
    public JournalDatabase Database { get; private set; } = null!;
    public JournalWriter Writer { get; private set; } = null!;
    public IJournalReader Reader { get; private set; } = null!;

    public static async Task<JournalFixture> Create(StorageProvider provider)
    {
        var fixture = new JournalFixture(provider);
        (fixture.Writer, fixture.Reader) = await fixture.Open();
        return fixture;
    }

    public async Task<(JournalWriter, IJournalReader)> Open()
    {
        Database = OpenDatabase();
        var writer = new JournalWriter(Database, Time);
        await writer.StartAsync(CancellationToken.None);
        writers.Add(writer);
        return (writer, new JournalReader(Database, writer, Microsoft.Extensions.Options.Options.Create(new SessionOptions()), Time));
    }

    public JournalDatabase OpenDatabase()
    {
        if (provider == StorageProvider.SQLite)
            return new JournalDatabase(new SqliteFile(place));
        servers.Add(NpgsqlDataSource.Create(place));
        return new JournalDatabase(servers[^1]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in writers)
            await writer.StopAsync(CancellationToken.None);
        foreach (var server in servers)
            await server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    public static string Id(int number) => SessionIds.Random(new CountedSource(number));

    /// <summary>A session minted <paramref name="seconds"/> after the start.</summary>
    public static Session Minted(int number, int seconds = 0, string account = "usr_a") => new()
    {
        SessionId = Id(number),
        State = SessionState.Provisioned,
        AccountId = account,
        NodeId = "node-1",
        Region = "eu",
        Model = "m1",
        Capabilities = new(true),
        CreatedAt = Start.AddSeconds(seconds).AddTicks(7),
        LastActivityAt = Start.AddSeconds(seconds),
    };

    public static ImmutableArray<SessionEvent> MintedEvent { get; } = [new(1, Start, "minted", "node-1")];

    sealed class CountedSource(int number) : IRandomSource
    {
        public void Fill(Span<byte> bytes)
        {
            bytes.Clear();
            BitConverter.TryWriteBytes(bytes, number);
        }
    }
}
