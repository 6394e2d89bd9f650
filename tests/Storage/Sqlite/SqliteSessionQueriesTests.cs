using SessionManager.Sessions;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteSessionQueriesTests : SessionQueriesContract, IAsyncLifetime
{
    SqliteTestStore test = null!;

    public async Task InitializeAsync() => test = await SqliteTestStore.Open();

    public Task DisposeAsync() => test.DisposeAsync().AsTask();

    protected override Task<(ISessionStore, ISessionQueries)> Open() => Task.FromResult((test.Store, test.Queries));
}
