using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresSessionQueriesTests : SessionQueriesContract, IAsyncLifetime
{
    PostgresTestStore _test = null!;

    public async Task InitializeAsync() => _test = await PostgresTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    protected override Task<(ISessionStore, ISessionQueries)> Open() => Task.FromResult((_test.Store, _test.Queries));
}
