using SessionManager.Broadcasts;
using SessionManager.Sessions;
using SessionManager.Storage.Broadcasts;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresBroadcastStoreTests : BroadcastStoreContract, IAsyncLifetime
{
    PostgresTestStore test = null!;

    protected override IBroadcastStore Broadcasts => new BroadcastStore(test.Database);

    protected override ISessionStore Sessions => test.Store;

    public async Task InitializeAsync() => test = await PostgresTestStore.Open();

    public Task DisposeAsync() => test.DisposeAsync().AsTask();
}
