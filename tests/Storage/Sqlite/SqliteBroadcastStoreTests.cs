using SessionManager.Tests.Storage.Broadcasts;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteBroadcastStoreTests : BroadcastStoreContract
{
    private protected override async Task<TestStore> Open() => await SqliteTestStore.Open();
}
