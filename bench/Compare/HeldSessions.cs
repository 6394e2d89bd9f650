using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;

namespace SessionManager.Compare;

/// <summary>
/// What one process holds and keeps in time with a hundred thousand live sessions on PostgreSQL: its memory, a start after a crash, how
/// late tokens end.
/// </summary>
sealed class HeldSessions(Func<string> newDatabase, Population population)
{
    const int Sessions = 100_000;
    const int Callers = 64;

    /// <summary>As many mints a second, and so as many tokens that end in one.</summary>
    const int Rate = 2_000;

    /// <summary>Longer than the mints take.</summary>
    const int TokenSeconds = 100;
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = Callers };

    public async Task<JsonObject> Measure()
    {
        var figures = new JsonObject();
        await Memory(figures);
        await Time(figures);
        return figures;
    }

    async Task Memory(JsonObject figures)
    {
        var database = newDatabase();
        await using var product = await ServerProcess.StartProduct(
            database, population, ("Sessions__TokenSeconds", "3600"), ("Sessions__IdleSeconds", "3600"));
        Tell(figures, "empty_mb", product.ResidentMemory / 1e6);
        using var http = new HttpClient { BaseAddress = product.Address };
        var tokens = await MintEach(http, await File.ReadAllLinesAsync(product.KeysFile));
        Tell(figures, "sessions", tokens.Count);
        Tell(figures, "held_mb", product.ResidentMemory / 1e6);

        await using var source = NpgsqlDataSource.Create(database);
        var nodeKey = product.Demo["node_key"]!.GetValue<string>();
        await Parallel.ForEachAsync(await Live(source), AtOnce, async (session, _) => await Fleet.Send(
            http, HttpMethod.Post, $"api/nodes/{session.Node}/sessions/{session.Id}/connected",
            $$"""{"connection_id":"{{session.Id}}","session_token":"{{tokens[session.Id]}}"}""", nodeKey));
        Tell(figures, "connected_mb", product.ResidentMemory / 1e6);
    }

    /// <returns>Each session's token.</returns>
    static async Task<ConcurrentDictionary<string, string>> MintEach(HttpClient http, string[] keys)
    {
        var tokens = new ConcurrentDictionary<string, string>();
        await Parallel.ForAsync(0, Sessions, AtOnce, async (number, _) =>
        {
            var minted = await Fleet.Send(http, HttpMethod.Post, "credentials", "{}", keys[number % keys.Length]);
            tokens[minted["session_id"]!.GetValue<string>()] = minted["session_token"]!.GetValue<string>();
        });
        return tokens;
    }

    async Task Time(JsonObject figures)
    {
        var database = newDatabase();
        await using var product = await ServerProcess.StartProduct(
            database, population, ("Sessions__TokenSeconds", $"{TokenSeconds}"), ("Sessions__IdleSeconds", "3600"));
        await using var source = NpgsqlDataSource.Create(database);
        await Mint(product);
        var latest = TimeSpan.Zero;
        for (var end = DateTimeOffset.UtcNow.AddSeconds(TokenSeconds + 5); DateTimeOffset.UtcNow < end; await Task.Delay(Look))
        {
            if (await Overdue(source) is var late && late > latest)
                latest = late;
        }

        Tell(figures, "token_ended_late_s", latest.TotalSeconds);

        await Mint(product);
        await product.Kill();
        var watch = Stopwatch.StartNew();
        await product.StartAgain();
        using (var http = new HttpClient { BaseAddress = product.Address })
            await Fleet.Send(http, HttpMethod.Post, "credentials", "{}", (await File.ReadAllLinesAsync(product.KeysFile))[0]);
        Tell(figures, "first_mint_after_crash_s", watch.Elapsed.TotalSeconds);

        await product.Kill();
        await Task.Delay(TimeSpan.FromSeconds(TokenSeconds));
        watch.Restart();
        await product.StartAgain();
        while (await Overdue(source) > TimeSpan.Zero)
            await Task.Delay(Look);
        Tell(figures, "all_overdue_ended_after_crash_s", watch.Elapsed.TotalSeconds);
    }

    static Task<Measured> Mint(ServerProcess product) =>
        // The driver warms up for a quarter of its time, at the same rate.
        Drive.Run(product, Callers, Sessions / Rate / 1.25, Rate);

    static async Task<List<(string Id, string Node)>> Live(NpgsqlDataSource source)
    {
        var sessions = new List<(string Id, string Node)>();
        await using var command = source.CreateCommand("SELECT session_id, node_id FROM sessions WHERE state = 'provisioned'");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            sessions.Add((reader.GetString(0), reader.GetString(1)));
        return sessions;
    }

    /// <summary>For how long the oldest deadline has passed that nobody has kept yet.</summary>
    static async Task<TimeSpan> Overdue(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("SELECT min(next_deadline) FROM sessions WHERE state <> 'dropped' AND next_deadline IS NOT NULL");
        return await command.ExecuteScalarAsync() is long deadline && DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(deadline) is { Ticks: > 0 } late
            ? late
            : TimeSpan.Zero;
    }

    static void Tell(JsonObject figures, string name, double figure)
    {
        figures[name] = Math.Round(figure, 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {figure:0.0}"));
    }
}
