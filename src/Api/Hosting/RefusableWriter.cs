using System.IO.Pipelines;

namespace SessionManager.Api.Hosting;

/// <summary>A connection's output that can be given a last answer: whatever is written after it goes nowhere.</summary>
sealed class RefusableWriter(PipeWriter inner) : PipeWriter
{
    const int ScratchBytes = 4096;

    byte[]? _scratch;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public void Refuse(byte[] answer)
    {
        answer.CopyTo(inner.GetMemory(answer.Length));
        inner.Advance(answer.Length);
        _scratch = new byte[ScratchBytes];
        // Nobody waits: the server closes the connection next, and what is in the pipe goes out before.
        _ = inner.FlushAsync().AsTask();
    }

    public override void Advance(int bytes)
    {
        if (_scratch is null)
            inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _scratch is null ? inner.GetMemory(sizeHint) : Scratch(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _scratch is null ? inner.GetSpan(sizeHint) : Scratch(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        _scratch is null ? inner.FlushAsync(cancellationToken) : ValueTask.FromResult(new FlushResult(isCanceled: false, isCompleted: false));

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    byte[] Scratch(int sizeHint) => sizeHint <= _scratch!.Length ? _scratch : _scratch = new byte[sizeHint];
}
