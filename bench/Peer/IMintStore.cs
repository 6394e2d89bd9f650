using System.Text.Json.Serialization;

namespace SessionManager.Peer;

/// <summary>One statement a mint: the key, the limit, the choice of a node and the insert.</summary>
interface IMintStore : IAsyncDisposable
{
    /// <summary>Makes tables, an account a key, and nodes.</summary>
    Task Fill(IEnumerable<byte[]> keyHashes, int nodes);

    /// <summary>The account's id once the session is durable; null where the key is unknown, the account at its limit or no node free.</summary>
    Task<string?> Mint(byte[] keyHash, string sessionId, DateTimeOffset now, DateTimeOffset expires);
}

sealed record CredentialsAnswer(string SessionId, string SignalingUrl, string SessionToken, int ExpiresIn);

[JsonSerializable(typeof(CredentialsAnswer))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
sealed partial class PeerJson : JsonSerializerContext;
