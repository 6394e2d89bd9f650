using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionManager.Client;

/// <summary>
/// What a client needs to connect to one session, and all it needs: handed to a browser in place of the API key. Its JSON is the same
/// from every client library: <c>session_id</c>, <c>signaling_url</c>, <c>session_token</c>, <c>expires_in</c>, <c>capabilities</c>.
/// </summary>
/// <param name="SessionId">The session. Read from JSON, it is derived from <paramref name="SessionToken"/> again, whatever the JSON says.</param>
/// <param name="SignalingUrl">The WebSocket address to connect to.</param>
/// <param name="SessionToken">Good for this session alone. A secret until it has expired.</param>
/// <param name="ExpiresIn">Seconds left to connect in when it was minted; a stream that is connected by then goes on.</param>
/// <param name="Capabilities">What the streamer can do besides; <see langword="null"/>: nothing.</param>
[JsonConverter(typeof(ClientCredentialsConverter))]
public sealed record ClientCredentials(
    string SessionId, string SignalingUrl, string SessionToken, int ExpiresIn, Capabilities? Capabilities = null)
{
    /// <summary>For the answer to a browser.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ClientJson.Default.ClientCredentials);

    /// <summary>From what <see cref="ToJson"/>, or the same of another client library, made.</summary>
    /// <exception cref="JsonException">It is no JSON, something is missing, or the token is no session's.</exception>
    public static ClientCredentials FromJson(string json) => JsonSerializer.Deserialize(json, ClientJson.Default.ClientCredentials)
        ?? throw new JsonException("There are no credentials here.");

    /// <summary>The credentials without their token.</summary>
    public override string ToString() => $"{nameof(ClientCredentials)} {{ {nameof(SessionId)} = {SessionId}, {nameof(SignalingUrl)} = {SignalingUrl} }}";
}

/// <summary>What a streamer can do.</summary>
/// <param name="ImageToVideo">Whether a stream can start from an image.</param>
public sealed record Capabilities(bool ImageToVideo);

/// <summary>On the type itself, so that whoever serializes it, with whatever options, gets the form that other clients read.</summary>
sealed class ClientCredentialsConverter : JsonConverter<ClientCredentials>
{
    public override ClientCredentials Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, ClientJson.Default.CredentialsWire)
            is { SignalingUrl.Length: > 0, SessionToken: { Length: > 0 } token, ExpiresIn: { } expiresIn } wire
            ? new ClientCredentials(SessionOf(token), wire.SignalingUrl, token, expiresIn, wire.Capabilities)
            : throw new JsonException("Credentials have a signaling_url, a session_token and expires_in.");

    public override void Write(Utf8JsonWriter writer, ClientCredentials value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(
            writer,
            new CredentialsWire(value.SessionId, value.SignalingUrl, value.SessionToken, value.ExpiresIn, value.Capabilities),
            ClientJson.Default.CredentialsWire);

    /// <summary>The token is the server's to verify; what it says is what the server will go by.</summary>
    static string SessionOf(string token)
    {
        try
        {
            return token.Split('.') is [_, var payload, _]
                && JsonSerializer.Deserialize(Base64Url.DecodeFromChars(payload), ClientJson.Default.SessionTokenClaims)?.SessionId is { Length: > 0 } id
                    ? id
                    : throw new FormatException("No session_id.");
        }
        catch (Exception problem) when (problem is FormatException or JsonException)
        {
            throw new JsonException("The session_token is no session's token.", problem);
        }
    }
}

sealed record CredentialsWire(string? SessionId, string? SignalingUrl, string? SessionToken, int? ExpiresIn, Capabilities? Capabilities);

sealed record SessionTokenClaims(string? SessionId);
