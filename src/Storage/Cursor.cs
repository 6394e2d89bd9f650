using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace SessionManager.Storage;

/// <summary>
/// The place in a list where the page before ended: the last row's sort key. Opaque to callers, and never a right: whatever
/// a forged one names, the list stays what its caller may see.
/// </summary>
/// <param name="List">Which list it is of; one of another list is refused.</param>
readonly record struct Cursor(char List, long Number, string Text)
{
    const int HeadBytes = 1 + sizeof(long);
    const int MaxTextBytes = 512;

    public string Encode()
    {
        var bytes = new byte[HeadBytes + Encoding.UTF8.GetByteCount(Text)];
        bytes[0] = (byte)List;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Number);
        Encoding.UTF8.GetBytes(Text, bytes.AsSpan(HeadBytes));
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>null for the first page.</returns>
    /// <exception cref="FormatException">The text is no cursor of this list.</exception>
    public static Cursor? Decode(char list, string? text)
    {
        if (text is null)
            return null;
        Span<byte> bytes = stackalloc byte[HeadBytes + MaxTextBytes];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length < HeadBytes || bytes[0] != list)
            throw new FormatException("This is no cursor of this list.");
        var cursor = new Cursor(list, BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), Encoding.UTF8.GetString(bytes[HeadBytes..length]));
        return cursor.Encode() == text ? cursor : throw new FormatException("This is no cursor of this list.");
    }
}
