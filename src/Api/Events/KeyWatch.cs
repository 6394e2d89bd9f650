using System.Text.RegularExpressions;
using SessionManager.Audit;

namespace SessionManager.Api.Events;

/// <summary>
/// What the audit says was done to keys. An entry is durable before its act begins, so the news may come an instant before it is so.
/// </summary>
static partial class KeyWatch
{
    public static IEnumerable<(string Owner, KeyNews News)> News(AuditEntry entry)
    {
        if (entry.Target is null || !entry.Action.StartsWith("key.", StringComparison.Ordinal))
            yield break;
        // Who acts on another's key says whose it is; the last such words, as a key's name stands before them.
        var owner = Owner().Match(entry.Detail ?? "") is { Success: true } found ? found.Value : entry.Actor;
        if (owner is not null)
            yield return (owner, new KeyNews(entry.Target, owner, entry.Action, entry.At));
    }

    [GeneratedRegex("(?<=(^| )of )usr_[a-z0-9]+(?=$|[:,])", RegexOptions.RightToLeft | RegexOptions.CultureInvariant)]
    private static partial Regex Owner();
}
