using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteSessionStoreTests : SessionStoreContract, IAsyncLifetime
{
    SqliteTestStore _test = null!;

    public async Task InitializeAsync() => _test = await SqliteTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    protected override Task<ISessionStore> Open() => Task.FromResult(_test.Store);
}
