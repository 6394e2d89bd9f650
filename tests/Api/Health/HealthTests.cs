using SessionManager.Storage;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Health;

public class HealthTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_server_that_runs_is_live_and_ready(StorageProvider storage)
    {
        var server = await TestServer.On(storage);
        var nobody = new TestCaller(server.Http, null);
        Assert.Equal("ok", (await nobody.Get("/health/live").Json()).Text("status"));
        Assert.Equal("ok", (await nobody.Get("/health/ready").Json()).Text("status"));
    }
}
