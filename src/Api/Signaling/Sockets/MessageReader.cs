using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace SessionManager.Api.Signaling.Sockets;

/// <summary>
/// Reads one message after the other. While it waits it holds no buffer; a message up to <see cref="GatewayOptions.MaxMessageBytes"/>
/// is read into a pooled one. A larger one, where its type allows it, waits for its turn and comes in parts that are small enough
/// to be forgotten as soon as they are passed on.
/// </summary>
/// <param name="large">The type that may be larger.</param>
sealed class MessageReader(Peer peer, string large, ImageGate gate, GatewayOptions options)
{
    const int FirstBuffer = 4_096;
    const int PartBytes = 65_536;

    /// <returns>null: the other side has closed.</returns>
    /// <exception cref="PeerFault">What came is not taken; the peer is to be closed with the code.</exception>
    /// <exception cref="WebSocketException">The connection is broken.</exception>
    public async ValueTask<Incoming?> Read()
    {
        var got = await peer.Socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (got.MessageType == WebSocketMessageType.Close)
            return null;
        if (got.MessageType == WebSocketMessageType.Binary)
            throw new PeerFault(CloseCode.Binary);
        peer.Receiving(true);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var filled = 0;
            while (!got.EndOfMessage && filled < options.MaxMessageBytes)
            {
                if (filled == buffer.Length)
                    buffer = Grow(buffer, filled);
                var room = Math.Min(buffer.Length, options.MaxMessageBytes) - filled;
                got = await peer.Socket.ReceiveAsync(buffer.AsMemory(filled, room), CancellationToken.None);
                filled += got.Count;
            }

            return got.EndOfMessage
                ? Incoming.Read([buffer.AsSpan(0, filled).ToArray()], null)
                : await ReadLarge(buffer.AsMemory(0, filled));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            peer.Receiving(false);
        }
    }

    async Task<Incoming> ReadLarge(ReadOnlyMemory<byte> start)
    {
        if (MessageJson.TypeAtStart(start.Span) != large)
            throw new PeerFault(CloseCode.TooLarge);
        peer.Pause(true);
        var turn = await gate.Enter();
        peer.Pause(false);
        peer.Receiving(true);
        try
        {
            var parts = new List<byte[]> { start.ToArray() };
            long total = start.Length;
            for (var ended = false; !ended;)
            {
                var part = new byte[PartBytes];
                var filled = 0;
                while (!ended && filled < part.Length)
                {
                    var got = await peer.Socket.ReceiveAsync(part.AsMemory(filled), CancellationToken.None);
                    filled += got.Count;
                    ended = got.EndOfMessage;
                }

                total += filled;
                if (total > options.MaxImageBytes)
                    throw new PeerFault(CloseCode.TooLarge);
                parts.Add(filled == part.Length ? part : part[..filled]);
            }

            return Incoming.Read(parts, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    byte[] Grow(byte[] buffer, int filled)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(options.MaxMessageBytes, 4 * filled));
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

/// <summary>Lets so many large messages be in this process at a time.</summary>
sealed class ImageGate(int width)
{
    readonly Channel<Turn> _inside = Channel.CreateBounded<Turn>(width);

    /// <returns>To be disposed of when the message has been passed on.</returns>
    public async Task<IDisposable> Enter()
    {
        var turn = new Turn(_inside.Reader);
        await _inside.Writer.WriteAsync(turn);
        return turn;
    }

    sealed class Turn(ChannelReader<Turn> inside) : IDisposable
    {
        int _done;

        /// <summary>Whose turn leaves the queue doesn't matter: one more may enter.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _done, 1) == 0)
                inside.TryRead(out _);
        }
    }
}

/// <summary>A message that has come whole and is a JSON object.</summary>
/// <param name="Turn">Of a large one: held until the message is passed on.</param>
sealed record Incoming(MessageHead Head, IReadOnlyList<byte[]> Parts, IDisposable? Turn)
{
    public static Incoming Read(IReadOnlyList<byte[]> parts, IDisposable? turn) =>
        MessageJson.TryRead(Sequence(parts), out var head) ? new(head, parts, turn) : throw new PeerFault(CloseCode.Malformed);

    public ReadOnlySequence<byte> Bytes => Sequence(Parts);

    static ReadOnlySequence<byte> Sequence(IReadOnlyList<byte[]> parts)
    {
        if (parts.Count == 1)
            return new(parts[0]);
        var first = new Segment(parts[0], null);
        var last = first;
        for (var index = 1; index < parts.Count; index++)
            last = new(parts[index], last);
        return new(first, 0, last, last.Memory.Length);
    }

    sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}

/// <summary>The peer has sent what is not taken.</summary>
sealed class PeerFault(CloseCode code) : Exception
{
    public CloseCode Code => code;
}
