using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace SessionManager.Tests.Pictures;

/// <summary>
/// A server with something to show: 8 nodes in all states, 30 users, 200 sessions in all states and for all reasons. All of it is done
/// through the API; then, with the server down, its times are spread over the last hour.
/// </summary>
public sealed class Showcase : IAsyncDisposable
{
    static readonly (string Id, string Region, string Model, int Capacity, double Load)[] Nodes =
    [
        ("ams-rack-01", "eu-west", "odyssey-2-pro", 24, 0.71), ("ams-rack-02", "eu-west", "odyssey-2-pro", 24, 0.64), ("fra-a100-3", "eu-central", "odyssey-2-pro", 16, 0.52),
        ("iad-h100-1", "us-east", "odyssey-2-max", 32, 0.83), ("iad-h100-2", "us-east", "odyssey-2-max", 6, 0.97), ("sin-l40-1", "ap-south", "odyssey-2-mini", 12, 0.22),
        ("gru-l40-1", "sa-east", "odyssey-2-mini", 12, 0.1),
    ];

    static readonly string[] Names =
    [
        "amelie", "bjarne", "chiara", "dmitri", "elif", "farid", "greta", "hana", "ines", "jonas", "kofi", "lucia", "mateo", "nadia", "oskar", "priya", "quentin",
        "rosa", "samir", "tilde", "umar", "vera", "wanda", "xavier", "yuki", "zoltan", "studio-north", "ci-pipeline",
    ];

    /// <summary>Tokens that end soon, for sessions that end because of it.</summary>
    static readonly Dictionary<string, string> Hasty = new()
    {
        ["Nodes__LeaseSeconds"] = "15",
        ["Sessions__TokenSeconds"] = "6",
        ["Sessions__IdleSeconds"] = "12",
        ["Sessions__SweepSeconds"] = "2",
        ["Accounts__MaxConcurrent"] = "20",
        ["Demo__NodeCapacity"] = "40",
    };

    static readonly Dictionary<string, string> Calm = new(Hasty) { ["Sessions__TokenSeconds"] = "600", ["Sessions__IdleSeconds"] = "900" };

    readonly Random _random = new(7);
    readonly HashSet<string> _running = [];
    readonly CancellationTokenSource _ended = new();
    readonly List<(string Name, string Id, string Login)> _users = [];
    readonly List<string> _keysInUse = [];
    string _admin = "", _nodeKey = "", _administrator = "";
    Task _beating = Task.CompletedTask;

    Showcase(ServerProcess server) => Server = server;

    public ServerProcess Server { get; }

    /// <summary>A session with a lost connection and a long wait in its timeline, and a user with keys.</summary>
    public string Session { get; private set; } = "";

    public string UserId => _users[0].Id;

    public static async Task<Showcase> Open()
    {
        var show = new Showcase(await ServerProcess.Start(demo: true, Hasty));
        (show._admin, show._nodeKey) = (await show.Server.LogInAsAdmin(), await show.Server.NodeKey());
        await show.MakeNodes();
        await show.MakeUsers();
        await show.MakeEnded();
        show.Server.Kill();
        await show.Server.StartAgain(Calm);
        await show.MakeLive();
        show._administrator = (await show.Call(HttpMethod.Get, "api/users/me", show._admin))["id"]!.GetValue<string>();
        show.Server.Kill();
        show.Spread();
        await show.Server.StartAgain();
        await show.MakeRequests();
        show._beating = show.Beat();
        return show;
    }

    async Task MakeNodes()
    {
        foreach (var (id, region, model, capacity, load) in Nodes)
            await Call(HttpMethod.Put, $"api/nodes/{id}", _nodeKey, new { region, model, capacity, capabilities = new { image_to_video = capacity > 12 }, load, signaling_url = (string?)null });
        await Call(HttpMethod.Post, "api/nodes/sin-l40-1/drain", _admin);
    }

    async Task MakeUsers()
    {
        foreach (var name in Names)
        {
            var id = await Server.CreateUser(name, new { api_keys_enabled = _users.Count % 3 != 2, is_admin = _users.Count == 5, monthly_hours = _users.Count % 4 == 1 ? 40 : (int?)null });
            _users.Add((name, id, await Server.LogIn(name, ServerProcess.Password)));
        }

        foreach (var (key, used, scopes) in new[] { ("nightly-render", true, (string[])["sessions:write", "sessions:read"]), ("grafana", true, ["usage:read"]), ("old-laptop", false, ["profile:read"]) })
        {
            var made = await Call(HttpMethod.Post, "api/users/me/keys", _users[0].Login, new { name = key, scopes });
            await Call(HttpMethod.Post, "api/users/me/keys", _admin, new { name = key, scopes });
            if (used)
                _keysInUse.Add(made["key"]!.GetValue<string>());
        }
    }

    /// <summary>A hundred and twenty that are over, for every reason there is.</summary>
    async Task MakeEnded()
    {
        var limited = _users[20];
        await Call(HttpMethod.Patch, $"api/admin/users/{limited.Id}", _admin, new { max_stream_seconds = 2 });
        var lost = await Many(14, Connect);
        await Many(12, Mint);
        for (var i = 0; i < 6; i++)
            await Connect(limited);
        for (var second = 0; second < 20; second += 4)
        {
            await Tell();
            await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System);
        }

        foreach (var session in lost)
            await Leave(session, "lost");
        foreach (var session in await Many(58, Connect))
            await Leave(session, "clean");
        foreach (var session in await Many(14, Connect))
            await Call(HttpMethod.Delete, $"api/admin/sessions/{session.Id}", _admin);
        await Call(HttpMethod.Put, "api/nodes/lhr-old-1", _nodeKey, new { region = "eu-north", model = "odyssey-1", capacity = 10, capabilities = new { image_to_video = false } });
        for (var i = 0; i < 10; i++)
            await Connect(_users[i], "eu-north");
        await Call(HttpMethod.Delete, "api/nodes/lhr-old-1", _admin);
        for (var i = 0; i < 6; i++)
            await Connect(_users[25]);
        await Call(HttpMethod.Patch, $"api/admin/users/{_users[25].Id}", _admin, new { suspended = true, reason = "Unpaid since May." });
        _running.Clear();
    }

    /// <summary>Eighty that live, one of them with a past.</summary>
    async Task MakeLive()
    {
        (_admin, _nodeKey) = (await Server.LogIn((await Server.Admin()).Username, (await Server.Admin()).Password), await Server.NodeKey());
        await Tell();
        await Many(55, Connect);
        await Many(24, Mint);
        var hero = await Connect(_users[0], "eu-west");
        await Leave(hero, "lost");
        await Connected(hero, "c2");
        Session = hero.Id;
        for (var i = 0; i < 4; i++)
        {
            // Two of the administrator's own, who may give out links and end them.
            var shown = await Connect(i < 2 ? ("", "", _admin) : _users[i], "us-east");
            var broadcast = await Call(HttpMethod.Post, $"api/nodes/{shown.Node}/sessions/{shown.Id}/broadcast", _nodeKey, new { });
            if (i == 3)
                await Call(HttpMethod.Delete, $"api/broadcasts/{broadcast["broadcast_id"]!.GetValue<string>()}", _users[i].Login);
        }
    }

    /// <summary>Keys that are in use, and mints that are refused.</summary>
    async Task MakeRequests()
    {
        foreach (var key in _keysInUse)
            using (await Server.Send(HttpMethod.Get, "api/sessions", key))
            using (await Server.Send(HttpMethod.Get, "api/usage", key))
            {
            }

        await Call(HttpMethod.Patch, $"api/admin/users/{_users[26].Id}", _admin, new { max_concurrent = 0 });
        for (var i = 0; i < 3; i++)
            using (await Server.Send(HttpMethod.Post, "credentials", _users[26].Login, new { }))
            {
            }
    }

    sealed record Minted(string Id, string Node, string Token);

    async Task<List<Minted>> Many(int count, Func<(string, string, string), string?, Task<Minted>> make)
    {
        List<Minted> made = [];
        for (var i = 0; i < count; i++)
            made.Add(await make(_users[_random.Next(24)], null));
        return made;
    }

    async Task<Minted> Mint((string Name, string Id, string Login) user, string? region = null)
    {
        var latencies = new JsonObject { [region ?? ((string[])["eu-west", "eu-west", "eu-central", "us-east", "us-east", "local"])[_random.Next(6)]] = 5 };
        var minted = await Call(HttpMethod.Post, "credentials", user.Login, new { region_latencies = latencies });
        var session = minted["session_id"]!.GetValue<string>();
        var node = (await Call(HttpMethod.Get, $"api/admin/sessions/{session}", _admin))["node_id"]!.GetValue<string>();
        return new(session, node, minted["session_token"]!.GetValue<string>());
    }

    async Task<Minted> Connect((string Name, string Id, string Login) user, string? region = null)
    {
        var minted = await Mint(user, region);
        await Connected(minted, "c1");
        return minted;
    }

    async Task Connected(Minted session, string connection)
    {
        await Call(HttpMethod.Post, $"api/nodes/{session.Node}/sessions/{session.Id}/connected", _nodeKey, new { session_token = session.Token, connection_id = connection });
        _running.Add($"{session.Node} {session.Id}");
    }

    async Task Leave(Minted session, string reason)
    {
        await Call(HttpMethod.Post, $"api/nodes/{session.Node}/sessions/{session.Id}/disconnected", _nodeKey, new { connection_id = "c1", reason });
        _running.Remove($"{session.Node} {session.Id}");
    }

    /// <summary>Reports for all nodes but the last, which is lost.</summary>
    async Task Tell()
    {
        foreach (var (id, _, _, _, load) in Nodes[..^1])
        {
            var sessions = _running.Where(place => place.StartsWith(id + ' ', StringComparison.Ordinal)).Select(place => place[(id.Length + 1)..]).ToArray();
            using var told = await Server.Send(HttpMethod.Post, $"api/nodes/{id}/heartbeat", _nodeKey, new { sessions, load });
        }
    }

    async Task Beat()
    {
        try
        {
            while (true)
            {
                await Tell();
                await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, _ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The show is over.
        }
    }

    /// <summary>What took a minute here took its users an hour.</summary>
    void Spread()
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(Server.Folder, "database", "sessions.db")}");
        database.Open();
        List<(string Id, bool Live)> sessions = [];
        using (var list = database.CreateCommand())
        {
            list.CommandText = "SELECT session_id, state <> 'dropped' FROM sessions";
            using var reader = list.ExecuteReader();
            while (reader.Read())
                sessions.Add((reader.GetString(0), reader.GetBoolean(1)));
        }

        foreach (var (id, live) in sessions)
        {
            var (ago, length) = live ? (0, _random.Next(10, 2_400)) : (_random.Next(20, 3_000), _random.Next(20, 1_500));
            Run(database, "UPDATE session_events SET at = at - $ago * 1000 - CASE WHEN type = 'dropped' THEN 0 ELSE $length * 1000 END WHERE session_id = $id", id, ago, length);
            Run(
                database,
                """
                UPDATE sessions SET created_at = created_at - ($ago + $length) * 1000, connected_at = connected_at - ($ago + $length) * 1000, dropped_at = dropped_at - $ago * 1000,
                  connection_since = connection_since - ($ago + $length) * 1000, last_activity_at = last_activity_at - $ago * 1000,
                  token_expires_at = CASE WHEN state = 'provisioned' THEN token_expires_at - CASE WHEN $length > 1500 THEN 590 ELSE 60 END * 1000 ELSE token_expires_at - ($ago + $length) * 1000 END
                WHERE session_id = $id
                """, id, ago, length);
        }

        // Minted 50 minutes ago and asked for its token late; connected, lost for two minutes, connected again.
        foreach (var (type, seq, seconds) in new[] { ("minted", 1, 3_000), ("token_issued", 2, 1_500), ("connected", 3, 1_460), ("connection_lost", 4, 900), ("connected", 5, 780) })
            Run(database, "UPDATE session_events SET at = $now - $length * 1000 WHERE session_id = $id AND seq = $ago", Session, seq, seconds);
        Run(database, "UPDATE sessions SET created_at = $now - 3000000, connected_at = $now - 1460000, token_expires_at = $now - 900000, last_activity_at = $now - 780000 WHERE session_id = $id", Session, 0, 0);
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        foreach (var day in Enumerable.Range(1, today.Day - 1))
            foreach (var user in _users.Append(("", _administrator, "")))
                if (_random.Next(4) > 0)
                    Run(
                        database, "INSERT OR REPLACE INTO usage VALUES ($id, $day, $length * 1000, $ago)", user.Item2, _random.Next(1, 9), _random.Next(900, 9_000),
                        new DateOnly(today.Year, today.Month, day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    static void Run(SqliteConnection database, string sql, string id, int ago, int length, string day = "")
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$ago", ago);
        command.Parameters.AddWithValue("$length", length);
        command.Parameters.AddWithValue("$day", day);
        command.Parameters.AddWithValue("$now", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        command.ExecuteNonQuery();
    }

    Task<JsonObject> Call(HttpMethod method, string path, string credential, object? body = null) => Server.Json(method, path, credential, body);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _beating;
        _ended.Dispose();
        Server.Dispose();
    }
}
