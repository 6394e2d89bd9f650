using SessionManager.Lists;
using SessionManager.Users;

namespace SessionManager.Storage.Users;

sealed class UserList(IDatabase database) : IUserList
{
    public Task Add(UserRow user) => database.Write(
        """
        INSERT INTO users (id, username, username_lower, created_at) VALUES (@id, @username, @username_lower, @created_at)
        ON CONFLICT DO NOTHING
        """,
        [
            ("id", user.Id), ("username", user.Username), ("username_lower", user.Username.ToLowerInvariant()),
            ("created_at", Instant.ToColumn(user.CreatedAt)),
        ]);

    public async Task<Page<UserRow>> List(string? search, string? cursor, int limit, CancellationToken cancellation)
    {
        var query = new ListQuery("SELECT id, username, created_at, username_lower FROM users", "username_lower", limit);
        if (!string.IsNullOrEmpty(search))
            query.Where(@"username_lower LIKE @pattern ESCAPE '\'", ("pattern", $"%{EscapeLike(search.ToLowerInvariant())}%"));
        if (Cursor.Decode('u', cursor) is { } after)
            query.Where("username_lower > @name", ("name", after.Text));
        return await query.Read(
            database,
            reader => new UserRow(reader.GetString(0), reader.GetString(1), Instant.FromColumn(reader.GetInt64(2))),
            (_, reader) => new Cursor('u', 0, reader.GetString(3)),
            cancellation);
    }

    static string EscapeLike(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
