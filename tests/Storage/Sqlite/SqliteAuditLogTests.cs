using SessionManager.Tests.Storage.Audit;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteAuditLogTests : AuditLogContract
{
    private protected override async Task<TestStore> Open() => await SqliteTestStore.Open();
}
