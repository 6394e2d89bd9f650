using System.Buffers;
using System.Text.Json;

namespace SessionManager.Api.Signaling;

/// <summary>What the gateway must know of a message; the rest it passes on as it came.</summary>
/// <param name="Type">null: it has none.</param>
/// <param name="MessageStart">Where the member <c>message</c> begins; 0: it has none.</param>
readonly record struct MessageHead(string? Type, string? SessionId, string? ConnectionId, int MessageStart, int MessageLength);

static class MessageJson
{
    const int MaxDepth = 64;

    /// <summary>Longer names and ids than any that mean something here are taken for unknown ones.</summary>
    const int LongestWord = 256;

    /// <summary>
    /// Whether it is exactly one JSON object: it is put into another one as it is, so it must neither end early nor go on after
    /// its end. A member that says what the message is may be there once only: readers differ in which one they take.
    /// </summary>
    public static bool TryRead(in ReadOnlySequence<byte> json, out MessageHead head)
    {
        head = default;
        string? type = null, session = null, connection = null;
        var (start, length) = (0, 0);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    if (!ReadWord(ref reader, ref type))
                        return false;
                }
                else if (reader.ValueTextEquals("session_id"u8))
                {
                    if (!ReadWord(ref reader, ref session))
                        return false;
                }
                else if (reader.ValueTextEquals("connection_id"u8))
                {
                    if (!ReadWord(ref reader, ref connection))
                        return false;
                }
                else if (reader.ValueTextEquals("message"u8))
                {
                    reader.Read();
                    if (length > 0 || reader.TokenType != JsonTokenType.StartObject)
                        return false;
                    start = checked((int)reader.TokenStartIndex);
                    reader.Skip();
                    length = checked((int)reader.BytesConsumed) - start;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            // Reading on fails where something follows.
            reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for text that is no UTF-8 where it is escaped.
            return false;
        }

        head = new(type, session, connection, start, length);
        return true;
    }

    /// <summary>The type of a message of which only the start has come; null: it is not in that.</summary>
    public static string? TypeAtStart(ReadOnlySpan<byte> start)
    {
        try
        {
            var reader = new Utf8JsonReader(start, isFinalBlock: false, default);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                if (!reader.Read())
                    return null;
                if (isType)
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                if (!reader.TrySkip())
                    return null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not for this look to say.
        }

        return null;
    }

    static bool ReadWord(ref Utf8JsonReader reader, ref string? word)
    {
        reader.Read();
        if (word is not null || reader.TokenType != JsonTokenType.String)
            return false;
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        word = length <= LongestWord ? reader.GetString()! : "";
        return true;
    }
}
