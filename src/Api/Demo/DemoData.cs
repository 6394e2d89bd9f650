using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Users;
using SessionManager.Keys;
using SessionManager.Randomness;
using SessionManager.Users;

namespace SessionManager.Api.Demo;

/// <summary>Makes the users and keys of the demo, or whatever of them is missing. What was revoked stays revoked.</summary>
sealed class DemoData(
    IGrainFactory grains, Passwords passwords, IUserList list, IOptions<KeyOptions> keys, IRandomSource random, TimeProvider time)
{
    const string Username = "demo";

    /// <summary>The administrator's id, to whom the node belongs.</summary>
    /// <param name="isNew">The file was just made: its password holds, even if the user is known from before.</param>
    public async Task<string> Make(DemoFile file, bool isNew)
    {
        var setup = grains.GetGrain<IAdministratorsGrain>(IAdministratorsGrain.Key);
        var admin = UserIds.Of(file.Admin.Username);
        var isFirst = await setup.Claim(admin);
        await User(file.Admin.Username, file.Admin.Password, isNew, new AccountSettings { IsAdmin = isFirst });
        if (!isFirst)
            await setup.Change(admin, new AccountChange { IsAdmin = true });
        await Key(admin, "demo node", file.NodeKey, [Scopes.NodesRead, Scopes.NodesReport]);

        // Nobody is told this password: the demo account is there for its key.
        await User(Username, DemoFile.Password(random), isNew: false, new AccountSettings { KeysEnabled = true });
        await Key(UserIds.Of(Username), "demo", file.ApiKey, [.. Scopes.All.Except([Scopes.NodesReport]).Order(StringComparer.Ordinal)]);
        return admin;
    }

    /// <summary>The user's own record comes last: if it is there, all else is.</summary>
    async Task User(string username, string password, bool isNew, AccountSettings settings)
    {
        var id = UserIds.Of(username);
        var user = grains.GetGrain<IUserGrain>(id);
        var known = await user.Get() is not null;
        if (known && !isNew)
            return;
        var hash = await passwords.Hash(password);
        await list.Add(new UserRow(id, username, time.GetUtcNow()));
        await grains.GetGrain<IAccountGrain>(id).Open(settings);
        if (known)
            await user.SetPasswordHash(hash);
        else
            await user.Create(username, hash);
    }

    async Task Key(string owner, string name, string key, ImmutableArray<string> scopes)
    {
        var hash = KeyFormat.Hash(key);
        var id = KeyFormat.IdOf(hash);
        var isLive = await grains.GetGrain<IKeyGrain>(id).Create(new KeyRecord
        {
            AccountId = owner,
            Hash = hash,
            Name = name,
            Prefix = KeyFormat.Shown(key, keys.Value.Prefix),
            Scopes = scopes,
            CreatedAt = time.GetUtcNow(),
        });
        if (isLive)
            await grains.GetGrain<IUserGrain>(owner).AddKey(id);
    }
}
