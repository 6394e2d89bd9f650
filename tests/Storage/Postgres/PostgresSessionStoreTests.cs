using SessionManager.Sessions;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresSessionStoreTests : SessionStoreContract, IAsyncLifetime
{
    PostgresTestStore test = null!;

    public async Task InitializeAsync() => test = await PostgresTestStore.Open();

    public Task DisposeAsync() => test.DisposeAsync().AsTask();

    protected override Task<ISessionStore> Open() => Task.FromResult(test.Store);
}
