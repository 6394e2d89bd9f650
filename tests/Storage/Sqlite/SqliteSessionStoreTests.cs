using SessionManager.Sessions;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteSessionStoreTests : SessionStoreContract, IAsyncLifetime
{
    SqliteTestStore test = null!;

    public async Task InitializeAsync() => test = await SqliteTestStore.Open();

    public Task DisposeAsync() => test.DisposeAsync().AsTask();

    protected override Task<ISessionStore> Open() => Task.FromResult(test.Store);
}
