using SessionManager.Audit;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Storage.Sqlite;

public sealed class SqliteAuditLogTests : AuditLogContract, IAsyncLifetime
{
    SqliteTestStore test = null!;

    protected override IAuditLog Log => new AuditLog(test.Database);

    protected override IUserList Users => new UserList(test.Database);

    public async Task InitializeAsync() => test = await SqliteTestStore.Open();

    public Task DisposeAsync() => test.DisposeAsync().AsTask();
}
