using SessionManager.Audit;
using SessionManager.Broadcasts;
using SessionManager.Changes;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Broadcasts;
using SessionManager.Storage.Sessions;
using SessionManager.Storage.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Storage;

/// <summary>Everything that is kept in one database.</summary>
abstract class TestStore : IAsyncDisposable
{
    public abstract ISessionStore Store { get; }
    public abstract IChangeFeed Feed { get; }
    public ISessionQueries Queries => new SessionQueries(Kept);
    public IBroadcastStore Broadcasts => new BroadcastStore(Kept);
    public IAuditLog Audit => new AuditLog(Kept);
    public IUserList Users => new UserList(Kept);

    protected abstract IDatabase Kept { get; }

    public abstract ValueTask DisposeAsync();
}
