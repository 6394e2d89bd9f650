using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteSessionQueriesTests : SessionQueriesContract
{
    private protected override async Task<TestStore> Open() => await SqliteTestStore.Open();
}
