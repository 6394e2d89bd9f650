using SessionManager.Audit;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Users;
using SessionManager.Tests.Storage.Audit;
using SessionManager.Users;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteAuditLogTests : AuditLogContract, IAsyncLifetime
{
    SqliteTestStore _test = null!;

    protected override IAuditLog Log => new AuditLog(_test.Database);

    protected override IUserList Users => new UserList(_test.Database);

    public async Task InitializeAsync() => _test = await SqliteTestStore.Open();

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();
}
