using SessionManager.Audit;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Storage.Postgres;

[NeedsPostgres, Collection("PostgreSQL")]
public sealed class PostgresAuditLogTests : AuditLogContract, IAsyncLifetime
{
    PostgresTestStore test = null!;

    protected override IAuditLog Log => new AuditLog(test.Database);

    protected override IUserList Users => new UserList(test.Database);

    public async Task InitializeAsync() => test = await PostgresTestStore.Open();

    public Task DisposeAsync() => test.DisposeAsync().AsTask();
}
