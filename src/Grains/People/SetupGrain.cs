using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;
using SessionManager.Errors;

namespace SessionManager.People;

/// <summary>What is stored of who may administer.</summary>
[GenerateSerializer, Immutable, Alias("setup-state")]
public sealed record SetupState
{
    /// <summary>The first administrator.</summary>
    [Id(0)] public string? ClaimedBy { get; init; }

    /// <summary>Administrators who are not suspended.</summary>
    [Id(1)] public ImmutableArray<string> Administrators { get; init; } = [];
}

public sealed class SetupGrain([PersistentState("state", "Default")] IPersistentState<SetupState> state) : Grain, ISetupGrain
{
    public async Task<bool> Claim(string userId)
    {
        if (state.State.ClaimedBy is { } first)
            return first == userId;
        await Write(new SetupState { ClaimedBy = userId, Administrators = [userId] });
        return true;
    }

    public Task<bool> IsDone() => Task.FromResult(state.State.ClaimedBy is not null);

    public Task Join(string userId) => state.State.Administrators.Contains(userId)
        ? Task.CompletedTask
        : Write(state.State with { Administrators = state.State.Administrators.Add(userId) });

    public async Task<Refusal?> Leave(string userId)
    {
        var others = state.State.Administrators.Remove(userId);
        if (others == state.State.Administrators)
            return null;
        if (others.IsEmpty)
            return new Refusal(ErrorCatalogue.LastAdministrator);
        await Write(state.State with { Administrators = others });
        return null;
    }

    async Task Write(SetupState next)
    {
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Whether it was written is unknown: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }
    }
}
