using SessionManager.Broadcasts;
using SessionManager.Sessions;
using SessionManager.Storage.Broadcasts;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteBroadcastStoreTests : BroadcastStoreContract, IAsyncLifetime
{
    SqliteTestStore test = null!;

    protected override IBroadcastStore Broadcasts => new BroadcastStore(test.Database);

    protected override ISessionStore Sessions => test.Store;

    public async Task InitializeAsync() => test = await SqliteTestStore.Open();

    public Task DisposeAsync() => test.DisposeAsync().AsTask();
}
