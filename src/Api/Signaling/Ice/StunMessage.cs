using System.Buffers.Binary;
using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;

namespace SessionManager.Api.Signaling.Ice;

/// <summary>The part of STUN that tells someone their own address: binding requests without authentication (RFC 8489).</summary>
static class StunMessage
{
    public const int MaxAnswer = 64;

    const int HeaderBytes = 20;
    const int AttributeHeader = 4;
    const uint Cookie = 0x2112A442;
    const ushort BindingRequest = 0x0001;
    const ushort BindingSuccess = 0x0101;
    const ushort BindingError = 0x0111;
    const ushort ErrorCode = 0x0009;
    const ushort UnknownAttributes = 0x000A;
    const ushort XorMappedAddress = 0x0020;
    const ushort Fingerprint = 0x8028;
    const uint FingerprintXor = 0x5354554E;

    /// <summary>Attributes from here on may be passed over by who doesn't know them (section 14).</summary>
    const ushort Optional = 0x8000;

    /// <summary>Understood without being needed here: who has no credentials to check ignores them.</summary>
    static ReadOnlySpan<ushort> Ignored => [0x0006 /* USERNAME */, 0x0008 /* MESSAGE-INTEGRITY */, 0x0024 /* PRIORITY */, 0x0025 /* USE-CANDIDATE */];

    /// <summary>Writes the answer to a datagram that came from <paramref name="from"/>.</summary>
    /// <param name="answer">At least <see cref="MaxAnswer"/> bytes.</param>
    /// <returns>The answer's length; 0: it is none to answer.</returns>
    public static int Answer(ReadOnlySpan<byte> datagram, IPEndPoint from, Span<byte> answer)
    {
        // Section 6.3: what is not exactly a STUN message is dropped.
        if (datagram.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt16BigEndian(datagram) != BindingRequest
            || BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != Cookie
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderBytes
            || datagram.Length % 4 != 0)
            return 0;
        ushort unknown = 0;
        for (var at = HeaderBytes; at < datagram.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            var next = at + AttributeHeader + (length + 3 & ~3);
            if (next > datagram.Length || type == Fingerprint && !IsFingerprintRight(datagram, at, length))
                return 0;
            if (type < Optional && !Ignored.Contains(type) && unknown == 0)
                unknown = type;
            at = next;
        }

        // The same transaction id, and the cookie, as in the request.
        datagram[4..HeaderBytes].CopyTo(answer[4..]);
        var end = unknown == 0 ? WriteAddress(from, answer) : WriteRefusal(unknown, answer);
        BinaryPrimitives.WriteUInt16BigEndian(answer, unknown == 0 ? BindingSuccess : BindingError);
        BinaryPrimitives.WriteUInt16BigEndian(answer[2..], (ushort)(end - HeaderBytes));
        return end;
    }

    /// <summary>Section 14.2: the address, which no router on the way recognises and "corrects".</summary>
    static int WriteAddress(IPEndPoint from, Span<byte> answer)
    {
        var address = from.Address.IsIPv4MappedToIPv6 ? from.Address.MapToIPv4() : from.Address;
        var value = answer[(HeaderBytes + AttributeHeader)..];
        value[0] = 0;
        value[1] = (byte)(address.AddressFamily == AddressFamily.InterNetwork ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(from.Port ^ (Cookie >> 16)));
        address.TryWriteBytes(value[4..], out var length);
        for (var index = 0; index < length; index++)
            value[4 + index] ^= answer[4 + index];
        return WriteHeader(answer, HeaderBytes, XorMappedAddress, 4 + length);
    }

    /// <summary>Section 6.3.1: 420, naming what was not understood.</summary>
    static int WriteRefusal(ushort unknown, Span<byte> answer)
    {
        var end = WriteHeader(answer, HeaderBytes, ErrorCode, 4);
        answer[(HeaderBytes + AttributeHeader)..end].Clear();
        (answer[end - 2], answer[end - 1]) = (4, 20);
        var last = WriteHeader(answer, end, UnknownAttributes, 2);
        answer[(end + AttributeHeader)..last].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(answer[(end + AttributeHeader)..], unknown);
        return last;
    }

    /// <returns>Where the attribute ends, filled up to a multiple of four.</returns>
    static int WriteHeader(Span<byte> answer, int at, ushort type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(answer[at..], type);
        BinaryPrimitives.WriteUInt16BigEndian(answer[(at + 2)..], (ushort)length);
        return at + AttributeHeader + (length + 3 & ~3);
    }

    /// <summary>Section 14.7: the last attribute, a checksum of all before it.</summary>
    static bool IsFingerprintRight(ReadOnlySpan<byte> datagram, int at, int length) =>
        length == 4 && at + AttributeHeader + length == datagram.Length
        && BinaryPrimitives.ReadUInt32BigEndian(datagram[(at + AttributeHeader)..]) == (Crc32.HashToUInt32(datagram[..at]) ^ FingerprintXor);
}
