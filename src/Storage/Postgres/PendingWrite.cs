using System.Collections.Immutable;
using SessionManager.Sessions;

namespace SessionManager.Storage.Postgres;

/// <summary>What one caller writes, and the caller's wait for it.</summary>
sealed class PendingWrite(SessionChange change, ImmutableArray<Fence> fences, bool isNew)
{
    /// <summary>Who waits goes on in the writer's own turn, which is one thread's waking less: the store only hands the outcome on to its caller's.</summary>
    readonly TaskCompletionSource<bool> _completion = new();

    public SessionChange Change => change;
    public ImmutableArray<Fence> Fences => fences;
    public bool IsNew => isNew;
    public string SessionId => change.Row.SessionId;

    /// <summary>How many went together into its commit; known when it was tried.</summary>
    public int BatchSize { get; set; }

    /// <summary>Whether it was written; false: it was refused. An exception: that is not known.</summary>
    public Task<bool> Written => _completion.Task;

    public void Complete(bool written) => _completion.SetResult(written);

    public void Fail(Exception exception) => _completion.SetException(exception);
}
