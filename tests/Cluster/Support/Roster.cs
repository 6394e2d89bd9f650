namespace SessionManager.Tests;

/// <summary>An account with a key that may mint.</summary>
sealed record Account(string Id, string Username, string Key, string KeyId, string Login, int Limit);

/// <summary>Makes accounts the way an administrator and their owners would.</summary>
sealed class Roster(LocalCluster cluster)
{
    static readonly string[] Scopes = ["sessions:read", "sessions:write", "usage:read"];
    const string Password = "correct horse battery";
    static int _made;

    readonly Lazy<Task<string>> _admin = new(() => LogIn(cluster.Apis[0], cluster.Demo.Admin.Username, cluster.Demo.Admin.Password));

    public Task<string> Admin => _admin.Value;

    public async Task<Account[]> Make(int count, int limit)
    {
        var accounts = new Account[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, _) => accounts[index] = await Make(limit));
        return accounts;
    }

    public async Task<Account> Make(int limit)
    {
        var (api, name) = (cluster.Apis[0], $"caller-{Interlocked.Increment(ref _made)}");
        var user = await Wire.Get<User>(HttpMethod.Post, api, "/api/admin/users", await Admin, new { username = name, password = Password });
        await Wire.Get<User>(HttpMethod.Patch, api, $"/api/admin/users/{user.Id}", await Admin, new { api_keys_enabled = true, max_concurrent = limit });
        var login = await LogIn(api, name, Password);
        var key = await Wire.Get<NewKey>(HttpMethod.Post, api, "/api/users/me/keys", login,
            new { name = "test", scopes = Scopes });
        return new(user.Id, name, key.Key, key.Id, login, limit);
    }

    /// <summary>A new login: a suspension has ended the account's first one.</summary>
    public static Task<string> LogInAgain(Uri api, Account account) => LogIn(api, account.Username, Password);

    static async Task<string> LogIn(Uri api, string username, string password) =>
        (await Wire.Get<Token>(HttpMethod.Post, api, "/api/auth/login", null, new { username, password })).AccessToken;

    sealed record User(string Id);

    sealed record NewKey(string Id, string Key);

    sealed record Token(string AccessToken);
}
