using System.Net;
using SessionManager.Keys;
using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Usage;

/// <summary><c>GET /api/usage</c></summary>
public class UsageTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task Usage_counts_connected_time_day_by_day(StorageProvider storage)
    {
        await using var server = await TestServer.Start(storage);
        var node = await TestNode.Register(server);
        var account = await TestAccount.Open(server, monthlyHours: 100);
        var caller = await account.WithKey(Scopes.UsageRead, Scopes.SessionsWrite);
        // Noon, so that what is streamed falls on one day.
        server.Time.Advance(TimeSpan.FromDays(1) - server.Time.GetUtcNow().TimeOfDay + TimeSpan.FromHours(12));
        await node.Heartbeat();
        var minted = await caller.Post("/credentials", node.Body).Json(HttpStatusCode.Created);
        await node.Connected(minted.Text("session_id"), minted.Text("session_token"), "c").Json();

        server.Time.Advance(TimeSpan.FromHours(1.5));
        await node.Disconnected(minted.Text("session_id"), "c").Json();

        var usage = await caller.Get("/api/usage").Json();
        Assert.Equal(
            ["period_start", "reset_date", "used_hours", "limit_hours", "active_count", "limit", "days"], usage.Select(member => member.Key));
        Assert.Equal(1.5, usage["used_hours"]!.GetValue<double>(), 2);
        Assert.Equal(100, usage["limit_hours"]!.GetValue<double>());
        Assert.Equal(0, usage.Number("active_count"));
        Assert.Equal(5, usage.Number("limit"));
        var day = usage["days"]!.AsArray().Single()!.AsObject();
        Assert.Equal(server.Time.GetUtcNow().ToString("yyyy-MM-dd", null), day.Text("day"));
        Assert.Equal(5400, day["seconds"]!.GetValue<double>(), 10.0);
        Assert.Equal(1, day.Number("sessions"));

        var admin = await (await TestAccount.Open(server, admin: true)).WithLogin();
        var seen = await admin.Get($"/api/admin/users/{account.Id}/usage").Json();
        Assert.Equal(usage.ToJsonString(), seen.ToJsonString());
    }
}
