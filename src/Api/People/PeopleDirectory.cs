using Orleans;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Journal;
using SessionManager.People;

namespace SessionManager.Api.People;

/// <summary>People and their accounts: found, listed and made.</summary>
sealed class PeopleDirectory(IGrainFactory grains, Passwords passwords, IJournalReader reader, IAuditJournal journal, TimeProvider time)
{
    /// <summary>null where there is no such person.</summary>
    public async Task<PersonAnswer?> Find(string id)
    {
        if (!UserIds.IsWellFormed(id))
            return null;
        var user = grains.GetGrain<IUserGrain>(id).Get();
        var account = grains.GetGrain<IAccountGrain>(id).Get();
        return await user is { } person && await account is { } opened ? PersonAnswer.Of(person, opened) : null;
    }

    /// <summary>By name. Each is asked for what holds now: a list that shows yesterday's permissions would mislead.</summary>
    public async Task<Page<PersonAnswer>> List(string? search, string? cursor, int limit, CancellationToken cancellation)
    {
        var rows = await reader.Users(search, cursor, limit, cancellation);
        var people = await Task.WhenAll(rows.Data.Select(row => Find(row.Id)));
        // A row without a person is what a crash left of a creation.
        return new Page<PersonAnswer>([.. people.OfType<PersonAnswer>()], rows.Cursor);
    }

    /// <summary>
    /// Refused with <c>username_taken</c>. Whatever a crash leaves of it is finished by repeating it: the person comes last, and
    /// until there is one, nobody can log in.
    /// </summary>
    /// <exception cref="PasswordsBusyException"/>
    public async Task<Result<PersonAnswer>> Create(string username, string password, AccountSettings settings, CancellationToken cancellation)
    {
        var id = UserIds.Of(username);
        var hash = await passwords.Hash(password, cancellation);
        await journal.AddUser(new UserRow(id, username, time.GetUtcNow()));
        var account = await grains.GetGrain<IAccountGrain>(id).Open(settings);
        var created = await grains.GetGrain<IUserGrain>(id).Create(username, hash);
        return created.Ok ? PersonAnswer.Of(created.Value!, account) : created.Refusal!;
    }
}
