namespace SessionManager.Api.Signaling.Sockets;

/// <summary>
/// The bytes under a WebSocket. The framework's own socket can neither send a ping when it is asked to nor say when it last heard
/// something; here both are simple, and one timer for all sockets does what would take one each.
/// </summary>
sealed class WatchedStream(Stream inner, TimeProvider time) : Stream
{
    /// <summary>A whole ping frame without content (RFC 6455, section 5.5.2). Any peer answers it by itself.</summary>
    static readonly ReadOnlyMemory<byte> PingFrame = new byte[] { 0x89, 0x00 };

    readonly SemaphoreSlim _writing = new(1);
    long _heardAt = time.GetTimestamp();
    TaskCompletionSource? _heard;

    /// <summary>How long nothing has come.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _heardAt));

    /// <summary>Sends a ping between two frames; none while a frame is on its way, whose own delay tells enough.</summary>
    public async Task Ping()
    {
        if (!await _writing.WaitAsync(0))
            return;
        try
        {
            await inner.WriteAsync(PingFrame);
            await inner.FlushAsync();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // It is closed, which whoever reads it notices.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Pings and waits for anything to come.</summary>
    public async Task<bool> Answers(TimeSpan within)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = (Interlocked.CompareExchange(ref _heard, waiting, null) ?? waiting).Task;
        _ = Ping();
        try
        {
            await answer.WaitAsync(within, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        if (read > 0)
        {
            Interlocked.Exchange(ref _heardAt, time.GetTimestamp());
            Interlocked.Exchange(ref _heard, null)?.TrySetResult();
        }

        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
