using SessionManager.Tests.Storage.Audit;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresAuditLogTests : AuditLogContract
{
    private protected override async Task<TestStore> Open() => await PostgresTestStore.Open();
}
