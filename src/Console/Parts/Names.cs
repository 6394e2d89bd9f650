using SessionManager.Client;
using SessionManager.Console.SignIn;

namespace SessionManager.Console.Parts;

/// <summary>What the users behind account ids are called, for administrators; everyone else sees only their own.</summary>
public sealed class Names(SessionManagerClient server, Login login)
{
    readonly Dictionary<string, string> _known = [];
    readonly HashSet<string> _asked = [];

    /// <summary>The name, or the id as long as it is not known.</summary>
    public string Of(string accountId) =>
        login.Me?.Id == accountId ? login.Me.Username : _known.GetValueOrDefault(accountId, accountId);

    public bool Knows(string accountId) => login.Me?.Id == accountId || _known.ContainsKey(accountId);

    public void Learn(User user) => _known[user.Id] = user.Username;

    /// <summary>Asks for those not known yet, all at once. What fails stays an id.</summary>
    public async Task Find(IEnumerable<string?> accountIds)
    {
        if (!login.IsAdmin)
            return;
        var unknown = accountIds.OfType<string>().Where(id => id.StartsWith("usr_", StringComparison.Ordinal) && !Knows(id) && _asked.Add(id)).ToList();
        await Task.WhenAll(unknown.Select(Find));
    }

    /// <summary>The account's id where the text is a user's name; otherwise the text itself.</summary>
    public async Task<string?> IdOf(string? text, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(text) || text.StartsWith("usr_", StringComparison.Ordinal) || text.StartsWith("ses_", StringComparison.Ordinal))
            return text;
        var found = await server.Admin.Users.ListPageAsync(new UserListOptions { Search = text, Limit = 200 }, cancellation);
        return found.Data.FirstOrDefault(user => user.Username.Equals(text, StringComparison.OrdinalIgnoreCase))?.Id ?? text;
    }

    async Task Find(string id)
    {
        try
        {
            Learn(await server.Admin.Users.GetAsync(id));
        }
        catch (SessionManagerException)
        {
            // Not there any more, or not now.
        }
    }
}
