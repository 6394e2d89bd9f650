using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresSessionStoreTests : SessionStoreContract, IAsyncLifetime
{
    PostgresTestStore _test = null!;

    public async Task InitializeAsync() => _test = await PostgresTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    protected override Task<ISessionStore> Open() => Task.FromResult(_test.Store);
}
