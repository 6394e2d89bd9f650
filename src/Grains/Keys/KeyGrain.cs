using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Accounts;
using SessionManager.Durability;
using SessionManager.Errors;

namespace SessionManager.Keys;

/// <summary>Hosts <see cref="KeyState"/>.</summary>
[GrainType("key")]
public sealed partial class KeyGrain(
    [PersistentState("key")] IPersistentState<KeyState> state,
    IOptions<KeyOptions> options,
    TimeProvider time,
    ILogger<KeyGrain> logger)
    : DurableGrain<KeyState>(state), IKeyGrain
{
    readonly TimeSpan _notePeriod = TimeSpan.FromSeconds(options.Value.LastUsedSeconds);
    Task _revocation = Task.CompletedTask;
    DateTimeOffset? _usedAt;
    IGrainTimer? _noteTimer;

    string Id => this.GetPrimaryKeyString();

    public async Task<bool> Create(KeyRecord record)
    {
        if (Record.Create(record) is not { } created)
            return false;
        Record = created;
        await Write();
        return true;
    }

    public async Task<Result<KeyPrincipal>> Authenticate(ImmutableArray<byte>? hash)
    {
        // Interleaves. While a revocation is being written neither answer would be sure to hold: whoever asks waits for it.
        await _revocation;
        return Record.Authenticate(Id, hash, time.GetUtcNow());
    }

    /// <summary>A timer for each minute that has uses, not for each minute: an idle key costs nothing.</summary>
    public Task Used()
    {
        if (Record.Record is null)
            return Task.CompletedTask;
        _usedAt = time.Now();
        _noteTimer ??= this.RegisterGrainTimer(WriteNoteOnTimer, _notePeriod, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public async Task<ApiKey?> Get()
    {
        await _revocation;
        return Noted().Describe(Id);
    }

    public async Task<Refusal?> Supersede(string successorId, DateTimeOffset endsAt, string? insteadOf)
    {
        var superseded = Record.Supersede(successorId, endsAt, insteadOf, time.GetUtcNow());
        if (superseded.Refusal is null && superseded.Value != Record)
        {
            Record = superseded.Value!;
            await Write();
        }

        // Also where it had been superseded before: that call may have been cut off here.
        if (Record.Record is { } record)
            await Account(record.AccountId).ForgetKey(Id);
        return superseded.Refusal;
    }

    public async Task<ApiKey?> Revoke()
    {
        if (Noted().Describe(Id) is not { } key)
            return null;
        var accountId = Record.Record!.AccountId;
        Record = KeyState.Revoked(time.Now());
        await (_revocation = Write());
        await Account(accountId).ForgetKey(Id);
        return key;
    }

    IAccountGrain Account(string accountId) => GrainFactory.GetGrain<IAccountGrain>(accountId);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteNote();

    // The last use

    KeyState Noted() => _usedAt is { } at ? Record.Used(at) : Record;

    Task WriteNoteOnTimer()
    {
        _noteTimer?.Dispose();
        _noteTimer = null;
        return WriteNote();
    }

    /// <summary>
    /// Never overlaps <see cref="Revoke"/>, and the record of a revoked key takes no note: a late one cannot bring a key back.
    /// If another activation revoked it, the ETag refuses the note.
    /// </summary>
    async Task WriteNote()
    {
        try
        {
            var noted = Noted();
            if (noted == Record)
                return;
            Record = noted;
            await Write();
        }
        catch (Exception exception)
        {
            // At most a minute of last_used_at is lost; the key itself is read again.
            LogNoteLost(Id, exception);
        }
    }

    [LoggerMessage(501, LogLevel.Warning, "The last use of key {KeyId} could not be written.")]
    partial void LogNoteLost(string keyId, Exception exception);
}
