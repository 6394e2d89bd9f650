namespace SessionManager.Client;

/// <summary>Who did what to whom. Entries are only ever added.</summary>
public sealed class AuditClient
{
    readonly Connection _connection;

    internal AuditClient(Connection connection) => _connection = connection;

    /// <summary>A page of entries, newest first.</summary>
    public Task<Page<AuditEntry>> ListPageAsync(AuditListOptions? options = null, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(
            ApiRequest.Get("api/admin/audit".WithQuery(
                ("actor", options?.Actor),
                ("target", options?.Target),
                ("action", options?.Action),
                ("since", options?.Since),
                ("until", options?.Until),
                ("limit", options?.Limit),
                ("cursor", options?.Cursor))),
            ClientJson.Default.PageAuditEntry,
            cancellationToken);

    /// <summary>Entries, newest first, page by page as they are read.</summary>
    /// <param name="options">Which; its cursor and limit are not looked at.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public IAsyncEnumerable<AuditEntry> ListAsync(AuditListOptions? options = null, CancellationToken cancellationToken = default) =>
        Pages.AllAsync(
            (cursor, cancelled) => ListPageAsync((options ?? new()) with { Limit = Pages.LongestPage, Cursor = cursor }, cancelled),
            cancellationToken);
}

/// <summary>Something that was done.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">The account that acted; <see langword="null"/> where nobody was signed in.</param>
/// <param name="KeyId">The key it acted with, if any.</param>
/// <param name="Action">What it did, as <c>user.change</c> or <c>key.revoke</c>.</param>
/// <param name="Target">The id of what it was done to.</param>
/// <param name="Detail">What changed.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="RequestId">The request, as its answer named it.</param>
public sealed record AuditEntry(
    DateTimeOffset At, string? Actor, string? KeyId, string Action, string? Target, string? Detail, string? Address, string? RequestId);

/// <summary>Which entries are listed.</summary>
public sealed record AuditListOptions : PageOptions
{
    /// <summary>Only what this account did.</summary>
    public string? Actor { get; init; }

    /// <summary>Only what was done to this account, key, session or node.</summary>
    public string? Target { get; init; }

    /// <summary>Only actions of this name.</summary>
    public string? Action { get; init; }

    /// <summary>Only what was done from then on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only what was done before then.</summary>
    public DateTimeOffset? Until { get; init; }
}
