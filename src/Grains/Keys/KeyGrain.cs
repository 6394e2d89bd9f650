using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Options;

namespace SessionManager.Keys;

public sealed partial class KeyGrain(
    [PersistentState("state", "Default")] IPersistentState<KeyState> state,
    IOptions<KeyOptions> options,
    TimeProvider time,
    ILogger<KeyGrain> logger) : Grain, IKeyGrain
{
    // As storage has it. Authenticate interleaves with a write in flight and must not answer from what may yet fail.
    KeyState stored = new();
    DateTimeOffset? lastUsedAt;
    IGrainTimer? noteTimer;
    bool storageUnknown;

    string Id => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        stored = state.State;
        return Task.CompletedTask;
    }

    public async Task<bool> Create(KeyRecord record)
    {
        var next = stored.Create(record);
        if (next is null)
            return false;
        if (next != stored)
            await Write(next);
        return true;
    }

    public Task<KeyPrincipal?> Authenticate(ImmutableArray<byte>? hash)
    {
        var principal = stored.Authenticate(Id, hash);
        if (principal is not null)
            NoteUse();
        return Task.FromResult(principal);
    }

    public Task<ApiKey?> Get() => Task.FromResult(Noted().Describe(Id));

    public async Task<ApiKey?> Revoke()
    {
        var key = Noted().Describe(Id);
        if (key is not null)
            await Write(KeyState.Revoked(time.GetUtcNow()));
        return key;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteNote();

    KeyState Noted() => lastUsedAt is { } at ? stored.Used(at) : stored;

    // One timer a minute of use, not one a minute: an idle key costs nothing.
    void NoteUse()
    {
        lastUsedAt = time.GetUtcNow();
        noteTimer ??= this.RegisterGrainTimer(
            WriteNoteOnTimer, TimeSpan.FromSeconds(options.Value.LastUsedSeconds), Timeout.InfiniteTimeSpan);
    }

    Task WriteNoteOnTimer()
    {
        noteTimer?.Dispose();
        noteTimer = null;
        return WriteNote();
    }

    // The timer's turn and Revoke's never overlap, and a revoked key's state takes no note: a late one cannot bring a key back.
    // From another activation, were there one, the ETag keeps it.
    async Task WriteNote()
    {
        var noted = Noted();
        if (noted == stored || storageUnknown)
            return;
        try
        {
            await Write(noted);
        }
        catch (Exception problem)
        {
            // The note is a convenience: what is lost is one minute of last_used_at.
            LogNoteLost(problem, Id);
        }
    }

    async Task Write(KeyState next)
    {
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Whether it was written is unknown: the next activation reads it.
            storageUnknown = true;
            DeactivateOnIdle();
            throw;
        }

        stored = next;
    }

    [LoggerMessage(4101, LogLevel.Warning, "The last use of {KeyId} could not be written")]
    partial void LogNoteLost(Exception problem, string keyId);
}
