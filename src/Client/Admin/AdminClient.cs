namespace SessionManager.Client;

/// <summary>What only an administrator's login opens: no key does, whoever owns it.</summary>
public sealed class AdminClient
{
    readonly Connection _connection;

    internal AdminClient(Connection connection)
    {
        _connection = connection;
        Users = new AdminUsersClient(connection);
        Sessions = new AdminSessionsClient(connection);
        Audit = new AuditClient(connection);
    }

    /// <summary>Every user, their limits and their keys.</summary>
    public AdminUsersClient Users { get; }

    /// <summary>Everyone's sessions.</summary>
    public AdminSessionsClient Sessions { get; }

    /// <summary>Who did what to whom.</summary>
    public AuditClient Audit { get; }

    /// <summary>How the whole service stands, and what happened minute by minute in the last hour.</summary>
    public Task<Overview> GetOverviewAsync(CancellationToken cancellationToken = default) =>
        _connection.SendAsync(ApiRequest.Get("api/admin/overview"), ClientJson.Default.Overview, cancellationToken);
}
