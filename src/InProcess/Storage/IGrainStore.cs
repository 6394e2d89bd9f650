using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.InProcess;

/// <param name="Name">The name in <see cref="PersistentStateAttribute"/>.</param>
public readonly record struct RecordKey(GrainId Grain, string Name);

/// <param name="ETag">Changes with every write and never comes again for the same key.</param>
public sealed record StoredRecord(ReadOnlyMemory<byte> Data, string ETag);

public sealed record StoredReminder(GrainId Grain, string Name, DateTimeOffset StartAt, TimeSpan Period, string ETag) : IGrainReminder
{
    string IGrainReminder.ReminderName => Name;
}

/// <summary>
/// Where grain state and reminders rest. Operations may be called at once from any thread; a write that has completed is durable
/// and seen by every later read. Any other exception than a conflict means that the outcome is unknown.
/// </summary>
public interface IGrainStore
{
    /// <exception cref="StorageUnusableException">It cannot be opened; the message names it and the cure.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Ends what is queued and lets go of it.</summary>
    Task StopAsync();

    ValueTask<StoredRecord?> ReadAsync(RecordKey key, CancellationToken cancellationToken);

    /// <param name="etag">Of the record to replace; null: there must be none.</param>
    /// <returns>The new ETag.</returns>
    /// <exception cref="InconsistentStateException">The record is another one. Nothing was written.</exception>
    Task<string> WriteAsync(RecordKey key, ReadOnlyMemory<byte> data, string? etag, CancellationToken cancellationToken);

    /// <param name="etag">Of the record to delete; null: there must be none.</param>
    /// <exception cref="InconsistentStateException">The record is another one. Nothing was deleted.</exception>
    Task ClearAsync(RecordKey key, string? etag, CancellationToken cancellationToken);

    /// <summary>Adds the reminder or replaces the one of its grain and name.</summary>
    /// <returns>The new ETag; the one given is ignored.</returns>
    Task<string> UpsertReminderAsync(StoredReminder reminder);

    /// <returns>Whether there was one with that ETag.</returns>
    Task<bool> DeleteReminderAsync(GrainId grain, string name, string etag);

    /// <param name="grain">null: of all grains.</param>
    Task<IReadOnlyList<StoredReminder>> ReadRemindersAsync(GrainId? grain);
}

/// <summary>The store cannot be used at all; starting again changes nothing until the cause is gone.</summary>
public sealed class StorageUnusableException(string message, Exception? innerException = null) : Exception(message, innerException);
