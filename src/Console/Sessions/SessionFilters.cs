using SessionManager.Client;

namespace SessionManager.Console.Sessions;

/// <summary>What a list of sessions is narrowed to; all of it is in the page's address.</summary>
public sealed record SessionFilters(string? State, string? User, string? Node, string? Region, string? Reason)
{
    public bool IsEmpty => this == new SessionFilters(null, null, null, null, null);

    public IReadOnlyDictionary<string, object?> Query(string? cursor = null) => new Dictionary<string, object?>
    {
        ["state"] = Given(State),
        ["user"] = Given(User),
        ["node"] = Given(Node),
        ["region"] = Given(Region),
        ["reason"] = Given(Reason),
        ["cursor"] = cursor,
    };

    /// <summary>In words, for a question that names what it would do.</summary>
    public string Describe()
    {
        string?[] parts =
        [
            Given(State), Given(Reason) is { } reason ? $"reason {reason}" : null, Given(User) is { } user ? $"of {user}" : null,
            Given(Node) is { } node ? $"on {node}" : null, Given(Region) is { } region ? $"in {region}" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    public bool Includes(Session session) => State is null || session.State == State;

    static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
