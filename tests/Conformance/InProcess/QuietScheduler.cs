using SessionManager.InProcess;

namespace SessionManager.Conformance;

/// <summary>The thread pool, and a way to wait until the engine has nothing left to do.</summary>
public sealed class QuietScheduler : ITurnScheduler
{
    readonly Lock _lock = new();
    TaskCompletionSource? _quiet;
    int _pending;

    public Task Quiet()
    {
        lock (_lock)
        {
            return _pending == 0
                ? Task.CompletedTask
                : (_quiet ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void Enqueue(ITurnSource source)
    {
        lock (_lock) _pending++;
        ThreadPool.UnsafeQueueUserWorkItem(Run, source, preferLocal: false);
    }

    void Run(ITurnSource source)
    {
        source.RunSlice();
        lock (_lock)
        {
            if (--_pending > 0) return;
            _quiet?.SetResult();
            _quiet = null;
        }
    }
}
