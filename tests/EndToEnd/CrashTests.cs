using System.Collections.Concurrent;
using System.Diagnostics;
using SessionManager.Client;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests;

public class CrashTests
{
    [Fact]
    public Task After_a_kill_every_answered_session_is_known_and_never_one_more_than_the_limit() => CrashStory.Tell(SQLite);
}

/// <summary>A class of its own, so that it runs beside the other one.</summary>
public class CrashOnPostgresTests
{
    [PostgresFact]
    public Task After_a_kill_every_answered_session_is_known_and_never_one_more_than_the_limit() => CrashStory.Tell(PostgreSQL);
}

/// <summary>A real process, killed with no warning in the middle of a burst of mints, and started again on what it left.</summary>
static class CrashStory
{
    const int Callers = 64;
    const int Kills = 3;
    const int AnsweredBeforeKill = 24;

    // A kill leaves at most one unanswered session for each caller, which keeps its slot: room for those, too, so that every kill comes.
    const int Limit = Kills * (AnsweredBeforeKill + Callers) + 36;
    const int Burst = Limit + Callers;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task Tell(StorageProvider storage)
    {
        using var folder = new TempFolder();
        (string, string)[] settings =
        [
            ("Accounts__MaxConcurrent", $"{Limit}"), ("Accounts__RequestsPerMinute", "1000000"), ("Demo__NodeCapacity", "1000"),
            ("Sessions__SweepSeconds", "1"), .. Database(storage),
        ];
        var answered = new ConcurrentBag<string>();
        for (var kill = 1; kill <= Kills; kill++)
        {
            using var server = await ServerProcess.Start(folder.Path, settings);
            await AssertKnown(server, answered);
            await MintUntil(server, answered, killAfter: AnsweredBeforeKill);
            Assert.True(server.HasExited, "The server was not killed in the middle of the burst.");
        }

        using var last = await ServerProcess.Start(folder.Path, settings);
        await AssertKnown(last, answered);
        await MintUntil(last, answered, killAfter: null);
        Assert.InRange(answered.Count, Kills * AnsweredBeforeKill, Limit);
        await AssertAccountedFor(last, answered);
    }

    /// <summary>A burst of concurrent mints, ended by a kill once so many were answered, or by the limit.</summary>
    static async Task MintUntil(ServerProcess server, ConcurrentBag<string> answered, int? killAfter)
    {
        using var client = new SessionManagerClient(server.Address, server.ApiKey);
        var left = Burst;
        var minted = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                try
                {
                    answered.Add((await client.Credentials.CreateAsync()).SessionId);
                    if (Interlocked.Increment(ref minted) == killAfter)
                        server.Kill();
                }
                catch (ConcurrentLimitReachedException)
                {
                    // The only refusal there may be.
                }
                catch (SessionManagerConnectionException) when (killAfter is not null)
                {
                    // Killed while it was at it: whether it minted nobody was told.
                }
            }
        }));
    }

    static async Task AssertKnown(ServerProcess server, ConcurrentBag<string> answered)
    {
        using var client = new SessionManagerClient(server.Address, server.ApiKey);
        await Task.WhenAll(answered.Select(async sessionId =>
        {
            var session = await client.Sessions.GetAsync(sessionId);
            Assert.Equal("provisioned", session.State);
            Assert.Equal(Enumerable.Range(1, session.Events!.Count), session.Events.Select(e => e.Seq));
        }));
        Assert.InRange(await ActiveCount(server), answered.Count, Limit);
    }

    /// <summary>Every slot and every place is a session's, and every session has both: once a sweep has seen to what was cut off.</summary>
    static async Task AssertAccountedFor(ServerProcess server, ConcurrentBag<string> answered)
    {
        using var client = new SessionManagerClient(server.Address, server.ApiKey);
        using var node = new SessionManagerClient(server.Address, server.NodeKey);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var sessions = new HashSet<string>();
            await foreach (var session in client.Sessions.ListAsync(new() { State = SessionStates.Provisioned }))
                sessions.Add(session.SessionId);
            var slots = await ActiveCount(server);
            var places = (await node.Nodes.HeartbeatAsync(server.NodeId, [])).Expected;
            Assert.Superset(answered.ToHashSet(), sessions);
            Assert.InRange(sessions.Count, answered.Count, Limit);
            if (slots == sessions.Count && sessions.SetEquals(places))
                return;
            Assert.True(
                watch.Elapsed < Patience,
                $"{slots} slots, {sessions.Count} sessions, of which without a place: {string.Join(' ', sessions.Except(places))}; places without a session: {string.Join(' ', places.Except(sessions))}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    static async Task<int> ActiveCount(ServerProcess server)
    {
        using var client = new SessionManagerClient(server.Address, server.ApiKey);
        return (await client.Usage.GetAsync()).ActiveCount;
    }

    static (string, string)[] Database(StorageProvider storage) => storage == SQLite
        ? []
        : [("Storage__Provider", "PostgreSQL"), ("Storage__ConnectionString", PostgresServer.Shared.CreateDatabase())];
}
