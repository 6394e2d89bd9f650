using SessionManager.Broadcasts;
using SessionManager.Sessions;
using SessionManager.Storage.Broadcasts;
using SessionManager.Tests.Storage.Broadcasts;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresBroadcastStoreTests : BroadcastStoreContract, IAsyncLifetime
{
    PostgresTestStore _test = null!;

    protected override IBroadcastStore Broadcasts => new BroadcastStore(_test.Database);

    protected override ISessionStore Sessions => _test.Store;

    public async Task InitializeAsync() => _test = await PostgresTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();
}
