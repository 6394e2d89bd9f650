using SessionManager.Audit;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Users;
using SessionManager.Tests.Storage.Audit;
using SessionManager.Users;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresAuditLogTests : AuditLogContract, IAsyncLifetime
{
    PostgresTestStore _test = null!;

    protected override IAuditLog Log => new AuditLog(_test.Database);

    protected override IUserList Users => new UserList(_test.Database);

    public async Task InitializeAsync() => _test = await PostgresTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();
}
