using Orleans;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Lists;
using SessionManager.Users;

namespace SessionManager.Api.Users;

/// <summary>Users and their accounts: found, listed and made.</summary>
sealed class UserDirectory(IGrainFactory grains, Passwords passwords, IUserList list, TimeProvider time)
{
    /// <summary>null where there is no such user.</summary>
    public async Task<UserAnswer?> Find(string id)
    {
        if (!UserIds.IsWellFormed(id))
            return null;
        var user = grains.GetGrain<IUserGrain>(id).Get();
        var account = grains.GetGrain<IAccountGrain>(id).Get();
        return await user is { } found && await account is { } opened ? UserAnswer.Of(found, opened) : null;
    }

    /// <summary>By name. Each is asked for what holds now: a list that shows yesterday's permissions would mislead.</summary>
    public async Task<Page<UserAnswer>> List(string? search, string? cursor, int limit, CancellationToken cancellation)
    {
        var rows = await list.List(search, cursor, limit, cancellation);
        var found = await Task.WhenAll(rows.Data.Select(row => Find(row.Id)));
        // A row without a user is what a crash left of a creation.
        return new Page<UserAnswer>([.. found.OfType<UserAnswer>()], rows.Cursor);
    }

    /// <summary>
    /// Refused with <c>username_taken</c>. Whatever a crash leaves of it is finished by repeating it: the user comes last, and
    /// until there is one, nobody can log in.
    /// </summary>
    /// <exception cref="PasswordsBusyException"/>
    public async Task<Result<UserAnswer>> Create(string username, string password, AccountSettings settings, CancellationToken cancellation)
    {
        var id = UserIds.Of(username);
        var hash = await passwords.Hash(password, cancellation);
        await list.Add(new UserRow(id, username, time.GetUtcNow()));
        var account = await grains.GetGrain<IAccountGrain>(id).Open(settings);
        var created = await grains.GetGrain<IUserGrain>(id).Create(username, hash);
        return created.Ok ? UserAnswer.Of(created.Value!, account) : created.Refusal!;
    }
}
