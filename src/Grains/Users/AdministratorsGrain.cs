using Orleans;
using Orleans.Runtime;
using SessionManager.Accounts;
using SessionManager.Durability;
using SessionManager.Errors;

namespace SessionManager.Users;

/// <summary>Hosts <see cref="AdministratorsRecord"/>. Not reentrant: one change of who administers at a time, in the whole cluster.</summary>
[GrainType("setup")]
public sealed class AdministratorsGrain([PersistentState("setup")] IPersistentState<AdministratorsRecord> state)
    : DurableGrain<AdministratorsRecord>(state), IAdministratorsGrain
{
    public Task<bool> IsClaimed() => Task.FromResult(Record.ClaimedBy is not null);

    public async Task<bool> Claim(string userId)
    {
        if (Record.ClaimedBy is { } first)
            return first == userId;
        Record = Record with { ClaimedBy = userId, Administrators = [userId] };
        await Write();
        return true;
    }

    public async Task<Result<Account>> Change(string userId, AccountChange change)
    {
        var account = GrainFactory.GetGrain<IAccountGrain>(userId);
        if (await account.Get() is not { } before)
            return new Refusal(ErrorCatalogue.UserNotFound);
        if (Record.Before(userId, before, change) is not { } without)
            return new Refusal(ErrorCatalogue.LastAdministrator);
        await Save(without);
        // A login that a suspension has ended stays ended when that is over.
        if (await account.Change(change.Suspended == true ? change with { EndLogins = true } : change) is not { } changed)
            return new Refusal(ErrorCatalogue.UserNotFound);
        await Save(Record.After(userId, changed));
        return changed;
    }

    async Task Save(AdministratorsRecord next)
    {
        if (next == Record)
            return;
        Record = next;
        await Write();
    }
}
