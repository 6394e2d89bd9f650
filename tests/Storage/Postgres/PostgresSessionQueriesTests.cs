using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresSessionQueriesTests : SessionQueriesContract
{
    private protected override async Task<TestStore> Open() => await PostgresTestStore.Open();
}
