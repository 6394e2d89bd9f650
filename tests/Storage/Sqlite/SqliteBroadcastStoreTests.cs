using SessionManager.Broadcasts;
using SessionManager.Sessions;
using SessionManager.Storage.Broadcasts;
using SessionManager.Tests.Storage.Broadcasts;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteBroadcastStoreTests : BroadcastStoreContract, IAsyncLifetime
{
    SqliteTestStore _test = null!;

    protected override IBroadcastStore Broadcasts => new BroadcastStore(_test.Database);

    protected override ISessionStore Sessions => _test.Store;

    public async Task InitializeAsync() => _test = await SqliteTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();
}
