using System.Net.WebSockets;
using System.Threading.Channels;

namespace SessionManager.Api.Signaling.Sockets;

/// <summary>
/// One end of a WebSocket as the gateway sees it: what is sent waits in a queue of limited length, and who neither reads nor answers
/// is cut. <see cref="Look"/> is called every second and keeps all its deadlines.
/// </summary>
sealed class Peer(HttpContext context, WebSocket socket, WatchedStream stream, int queueLength, GatewayOptions options, TimeProvider time)
{
    const int DrainBuffer = 1_024;

    readonly Channel<Outgoing> _queue = Channel.CreateBounded<Outgoing>(new BoundedChannelOptions(queueLength) { SingleReader = true });
    readonly TimeSpan _ping = TimeSpan.FromSeconds(options.PingSeconds);
    readonly TimeSpan _silence = TimeSpan.FromSeconds(options.SilenceSeconds);
    readonly Lock _ending = new();

    /// <summary>When what is under way began; 0: nothing is.</summary>
    long _sendingSince;
    long _receivingSince;
    long _closingSince;
    bool _paused;
    bool _ended;
    CloseCode _closeCode = CloseCode.Normal;

    public WebSocket Socket => socket;

    /// <summary>Nothing more is sent but what waits already, and what comes is of no more interest.</summary>
    public bool IsClosing => Interlocked.Read(ref _closingSince) != 0;

    /// <summary>Pings it and waits for an answer.</summary>
    public Task<bool> IsAlive() => IsClosing ? Task.FromResult(false) : stream.Answers(TimeSpan.FromSeconds(options.ProbeSeconds));

    /// <summary>Sends it when its turn has come. False: it is closing, or too much waits already, and it is cut for that.</summary>
    public bool Send(Outgoing message)
    {
        if (_queue.Writer.TryWrite(message))
            return true;
        if (!IsClosing)
            Close(CloseCode.Refused);
        return false;
    }

    /// <summary>Closes it once all that waits is sent. The first call counts.</summary>
    public bool Close(CloseCode code)
    {
        if (Interlocked.CompareExchange(ref _closingSince, time.GetTimestamp(), 0) != 0)
            return false;
        _closeCode = code;
        _queue.Writer.TryComplete();
        return true;
    }

    /// <summary>Sends until it is closed.</summary>
    public async Task SendAll()
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync())
            {
                for (var part = 0; part < message.Parts.Length; part++)
                {
                    Interlocked.Exchange(ref _sendingSince, time.GetTimestamp());
                    await socket.SendAsync(message.Parts[part], WebSocketMessageType.Text, part == message.Parts.Length - 1, CancellationToken.None);
                }

                Interlocked.Exchange(ref _sendingSince, 0);
                message.Sent?.TrySetResult(true);
            }

            Interlocked.Exchange(ref _sendingSince, time.GetTimestamp());
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync((WebSocketCloseStatus)_closeCode, null, CancellationToken.None);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            Close(CloseCode.Normal);
            Abort();
        }
        finally
        {
            Interlocked.Exchange(ref _sendingSince, 0);
            while (_queue.Reader.TryRead(out var unsent))
                unsent.Sent?.TrySetResult(false);
        }
    }

    /// <summary>The next message is arriving, or has arrived.</summary>
    public void Receiving(bool underWay) => Interlocked.Exchange(ref _receivingSince, underWay ? time.GetTimestamp() : 0);

    /// <summary>This side does not read for now, so the other is not silent.</summary>
    public void Pause(bool pause) => Volatile.Write(ref _paused, pause);

    /// <summary>Reads on until the other side has closed as well: unread, its bytes would cut off what it is being told.</summary>
    public async Task Drain()
    {
        var buffer = new byte[DrainBuffer];
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                if ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType == WebSocketMessageType.Close)
                    return;
            }
        }
        catch (Exception exception) when (IsBroken(exception))
        {
        }
    }

    /// <summary>Cuts it where it is too late for something, and pings it where it has been silent.</summary>
    public void Look()
    {
        if (IsOver(ref _sendingSince, options.SendSeconds)
            || IsOver(ref _closingSince, options.SendSeconds + options.CloseSeconds)
            || !_paused && (IsOver(ref _receivingSince, options.MessageSeconds) || stream.Silence >= _silence))
            Abort();
        else if (!IsClosing && stream.Silence >= _ping)
            _ = stream.Ping();
    }

    public void Abort()
    {
        lock (_ending)
        {
            if (_ended)
                return;
            socket.Abort();
            context.Abort();
        }
    }

    /// <summary>Its request is about to end: from then on the server may use the context for another, or throw when it is used.</summary>
    public void End()
    {
        lock (_ending)
            _ended = true;
    }

    /// <summary>What a socket throws when the other side, or <see cref="Abort"/>, has ended it.</summary>
    public static bool IsBroken(Exception exception) => exception
        is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    bool IsOver(ref long since, int seconds) =>
        Interlocked.Read(ref since) is not 0 and var start && time.GetElapsedTime(start) >= TimeSpan.FromSeconds(seconds);
}

/// <summary>A message to be sent.</summary>
/// <param name="Parts">One frame each.</param>
/// <param name="Sent">Whether it was written whole.</param>
readonly record struct Outgoing(ReadOnlyMemory<byte>[] Parts, TaskCompletionSource<bool>? Sent = null)
{
    public Outgoing(ReadOnlyMemory<byte> whole) : this([whole])
    {
    }
}

/// <summary>Why a socket is closed (RFC 6455, section 7.4; from 4000 on, our own).</summary>
enum CloseCode
{
    Normal = 1000,
    Binary = 1003,
    Malformed = 1007,

    /// <summary>Too many messages, or too slow to read.</summary>
    Refused = 1008,
    TooLarge = 1009,

    /// <summary>This process stops; others may go on.</summary>
    Restart = 1012,

    /// <summary>Another connection has taken its place.</summary>
    Replaced = 4000,

    /// <summary>The credential it was opened with is no longer accepted.</summary>
    Unauthorized = 4001,

    /// <summary>The node was deleted, or is another account's.</summary>
    NoNode = 4004,
}
