using SessionManager.Lists;

namespace SessionManager.Users;

public sealed record UserRow(string Id, string Username, DateTimeOffset CreatedAt);

/// <summary>Which users there are, to be looked through; what is known of each is its grain's.</summary>
public interface IUserList
{
    /// <summary>Puts the user on the list, before the user's own record is written. Idempotent.</summary>
    Task Add(UserRow user);

    /// <summary>By name.</summary>
    /// <param name="search">A part of the name, in any case; null or empty: all.</param>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="limit">1 to 200.</param>
    /// <exception cref="FormatException">The cursor is not one of ours.</exception>
    Task<Page<UserRow>> List(string? search, string? cursor, int limit, CancellationToken cancellation);
}
