using SessionManager.Client;
using SessionManager.Console.Browsing;

namespace SessionManager.Console.Sessions;

/// <summary>What a list of sessions is narrowed to, and how it is sorted; all of it is in the page's address.</summary>
public sealed record SessionFilters(
    string? State = null, string? User = null, string? Node = null, string? Region = null, string? Reason = null,
    string? Sort = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null)
{
    public bool IsEmpty => this with { Sort = null } == new SessionFilters();

    /// <summary>How many narrow the list.</summary>
    public int Count => (this with { Sort = null }).Query().Values.Count(value => value is not null);

    /// <summary>The times are of drops, and not of mints.</summary>
    public bool ByDrop => Sort == SessionSorts.LastDroppedFirst;

    public IReadOnlyDictionary<string, object?> Query(string? cursor = null) => new Dictionary<string, object?>
    {
        ["state"] = Given(State),
        ["user"] = Given(User),
        ["node"] = Given(Node),
        ["region"] = Given(Region),
        ["reason"] = Given(Reason),
        ["sort"] = Sort is SessionSorts.NewestFirst ? null : Given(Sort),
        ["since"] = Since.ForAddress(),
        ["until"] = Until.ForAddress(),
        ["cursor"] = cursor,
    };

    /// <summary>Where the list is that shows them.</summary>
    public string Address =>
        "sessions?" + string.Join('&', Query().Where(part => part.Value is not null).Select(part => $"{part.Key}={Uri.EscapeDataString((string)part.Value!)}"));

    /// <summary>Those of a state that no drop has ended are not sorted by their drops.</summary>
    public SessionFilters InState(string? state) => this with
    {
        State = state,
        Sort = state is SessionStates.Provisioned or SessionStates.Connected && ByDrop ? null : Sort,
    };

    public SessionFilters SortedBy(string? sort)
    {
        var sorted = this with { Sort = sort };
        return sorted with { State = sorted.ByDrop && Given(State) is not null ? SessionStates.Dropped : State };
    }

    /// <summary>
    /// Whether what has just happened puts a session on top of such a list that it does not show yet. What happens does not say on
    /// which node, nor in which region.
    /// </summary>
    /// <param name="isUsers">Whether it happened to a session of <see cref="User"/>.</param>
    public bool BringsNew(SessionEvent happened, bool isUsers = false) =>
        this is { Node: null or "", Region: null or "", Until: null }
        && (isUsers || Given(User) is null)
        && Sort switch
        {
            null or "" or SessionSorts.NewestFirst => happened.Type == "minted" && State is null or "" or SessionStates.Provisioned && Given(Reason) is null,
            SessionSorts.LastDroppedFirst => happened.Type == "dropped" && (Given(Reason) is not { } reason || reason == happened.Detail),
            _ => false,
        };

    /// <summary>In words, for a question that names what it would do.</summary>
    public string Describe(Func<DateTimeOffset, string> write)
    {
        var what = ByDrop ? "dropped" : "minted";
        string?[] parts =
        [
            Given(State), Given(Reason) is { } reason ? $"reason {reason}" : null, Given(User) is { } user ? $"of {user}" : null,
            Given(Node) is { } node ? $"on {node}" : null, Given(Region) is { } region ? $"in {region}" : null,
            Since is { } since ? $"{what} from {write(since)} on" : null, Until is { } until ? $"{what} before {write(until)}" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
