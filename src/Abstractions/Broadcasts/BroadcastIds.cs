using SessionManager.Randomness;

namespace SessionManager.Broadcasts;

/// <summary>Ids of broadcasts, <c>brd_</c> and 16 bytes in base32, and of their viewers, <c>vie_</c> and 20 bytes.</summary>
public static class BroadcastIds
{
    const string Prefix = "brd_";
    const int Bytes = 16;
    const string PathPrefix = "broadcasts/";
    const string ViewerPrefix = "vie_";

    /// <summary>Who knows a viewer's id may end it, so nobody guesses one.</summary>
    const int ViewerBytes = 20;

    public static string Random(IRandomSource random) => Random(random, Prefix, Bytes);

    public static string RandomViewer(IRandomSource random) => Random(random, ViewerPrefix, ViewerBytes);

    /// <summary>Whether the text can be a broadcast's id: no grain is woken for one that cannot.</summary>
    public static bool IsWellFormed(string? text) => IsWellFormed(text, Prefix, Bytes);

    public static bool IsViewer(string? text) => IsWellFormed(text, ViewerPrefix, ViewerBytes);

    /// <summary>What spectator tokens let their holders read, as MediaMTX names it.</summary>
    public static string PathOf(string broadcastId) => PathPrefix + broadcastId;

    /// <summary>The broadcast at the path; null where it is none of one.</summary>
    public static string? OfPath(string? path) =>
        path is not null && path.StartsWith(PathPrefix, StringComparison.Ordinal) && path[PathPrefix.Length..] is var id && IsWellFormed(id) ? id : null;

    static string Random(IRandomSource random, string prefix, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        random.Fill(bytes);
        return prefix + Base32.Encode(bytes);
    }

    static bool IsWellFormed(string? text, string prefix, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        return text is not null && text.StartsWith(prefix, StringComparison.Ordinal) && Base32.TryDecode(text.AsSpan(prefix.Length), bytes);
    }
}
