using SessionManager.Tests.Storage.Broadcasts;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresBroadcastStoreTests : BroadcastStoreContract
{
    private protected override async Task<TestStore> Open() => await PostgresTestStore.Open();
}
