using System.Globalization;
using Npgsql;
using SessionManager.Sessions;
using SessionManager.Storage.Postgres;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Storage.Migration;
using SessionManager.Tests.Storage.Sessions;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Crash;

/// <summary>A process that writes for as long as it lives, and says of each write when it was acknowledged.</summary>
static class Victim
{
    const int Callers = 24;

    public static async Task<int> Run(string[] args)
    {
        switch (args)
        {
            case ["sqlite", var path]:
                await using (var database = new SqliteDatabase(new SqliteFile(path)))
                {
                    await database.Prepare(new SessionOptions(), Start);
                    await WriteForEver(new SqliteSessionStore(database));
                }

                return 0;
            case ["postgres", var place]:
                await using (var pool = NpgsqlDataSource.Create(place))
                await using (var database = new PostgresDatabase(pool, place))
                {
                    await database.Prepare(new SessionOptions(), Start);
                    await WriteForEver(new PostgresSessionStore(database));
                }

                return 0;
            case ["migrate", var path]:
                await using (var database = new SqliteDatabase(new SqliteFile(path)))
                    await database.Prepare(new SessionOptions(), EarlierData.SqliteStopped);
                return 0;
            default:
                return 2;
        }
    }

    static async Task WriteForEver(ISessionStore store)
    {
        var account = (await store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        var node = (await store.TakeOwnership(OwnerKind.Node, "node-1")).Fence;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var row = Row(string.Create(CultureInfo.InvariantCulture, $"ses_{caller}_{i}"));
                await Acknowledged(store.Insert(Minted(row), account, node), row);
                var next = row.Next("connection_lost", new UsageEntry(new(2026, 3, 1), 1, 0));
                await Acknowledged(store.Update(next, [account, node]), next.Row);
            }
        })));
    }

    static async Task Acknowledged(Task<WriteResult> write, SessionRow row)
    {
        if ((await write).Outcome != WriteOutcome.Written)
            throw new InvalidOperationException($"{row.SessionId} was refused.");
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.SessionId} {row.Version}"));
    }
}
