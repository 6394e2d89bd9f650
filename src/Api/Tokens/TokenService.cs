using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SessionManager.Randomness;

namespace SessionManager.Api.Tokens;

/// <summary>
/// Makes and checks every token (RFC 7519, 8725, 9068). A check pins algorithm, type, issuer, audience and the one key that
/// the header names, so a token of one purpose, or of another issuer or key, is never taken for what it is not.
/// </summary>
public sealed class TokenService(
    SigningKeyCache keys, IOptions<TokenOptions> options, IRandomSource random, TimeProvider time)
{
    public const string KeyIdClaim = "key_id";
    public const string EpochClaim = "epoch";
    public const string SessionIdClaim = "session_id";
    public const string BroadcastIdClaim = "broadcast_id";
    public const string MaxViewersClaim = "max_viewers";

    /// <summary>MediaMTX's, by its default for <c>authJWTClaimKey</c>.</summary>
    public const string PermissionsClaim = "mediamtx_permissions";
    const int TokenIdBytes = 16;

    /// <summary>How far another process's clock may be ahead: a token it has just made is not refused as not yet valid.</summary>
    static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    readonly TokenOptions _options = options.Value;
    readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };

    /// <summary>A token got for an API key: it is that key, with that key's scopes, and dies with it.</summary>
    public ValueTask<string> ForKey(string accountId, string keyId) =>
        Create(TokenPurpose.Access, accountId, Now, Now + AccessLife, new() { [KeyIdClaim] = keyId });

    /// <summary>A user's login; void as soon as the account's epoch is another.</summary>
    public ValueTask<string> ForLogin(string accountId, int epoch) =>
        Create(TokenPurpose.Access, accountId, Now, Now + AccessLife, new() { [EpochClaim] = epoch });

    /// <summary>Connects a client to the session until <paramref name="expires"/>.</summary>
    public ValueTask<string> ForSession(string accountId, string sessionId, DateTimeOffset issued, DateTimeOffset expires) =>
        Create(TokenPurpose.Session, accountId, issued, expires, new() { [SessionIdClaim] = sessionId });

    /// <summary>
    /// Watches the broadcast until <paramref name="expires"/>, by itself and by a MediaMTX that takes this server's key set: its claim
    /// <c>mediamtx_permissions</c> says what that lets its holder do.
    /// </summary>
    /// <param name="limit">How many may watch with it at a time; null: any number.</param>
    public ValueTask<string> ForSpectator(string broadcastId, string path, DateTimeOffset issued, DateTimeOffset expires, int? limit)
    {
        var claims = new Dictionary<string, object>
        {
            [BroadcastIdClaim] = broadcastId,
            [PermissionsClaim] = JsonSerializer.SerializeToElement(new[] { new { action = "read", path } }),
        };
        if (limit is { } most)
            claims[MaxViewersClaim] = most;
        return Create(TokenPurpose.Spectator, broadcastId, issued, expires, claims);
    }

    /// <summary>Seconds a login or a token got for a key lives.</summary>
    public int AccessTokenSeconds => _options.AccessTokenSeconds;

    /// <summary>Signs a token of the purpose with the current key.</summary>
    /// <param name="claims">Besides the registered ones, which are set here.</param>
    public async ValueTask<string> Create(
        TokenPurpose purpose, string subject, DateTimeOffset issued, DateTimeOffset expires, Dictionary<string, object> claims)
    {
        var ring = await keys.Current();
        var registered = new RegisteredClaims(_options.Issuer, AudienceOf(purpose), subject, NewTokenId(), issued, expires);
        return CompactToken.Sign(ring.Signer, TypeOf(purpose), registered, claims);
    }

    /// <summary>null where anything about the token is not exactly as this server makes it.</summary>
    /// <param name="expiredToo">
    /// Whether the expiry is left for someone else to judge: a late connect must reach its session, which knows when it ended.
    /// </param>
    public async ValueTask<VerifiedToken?> Verify(TokenPurpose purpose, string text, bool expiredToo = false)
    {
        if (!_handler.CanReadToken(text))
            return null;
        JsonWebToken token;
        try
        {
            token = _handler.ReadJsonWebToken(text);
        }
        catch (ArgumentException)
        {
            return null;
        }

        if (token.Alg != SecurityAlgorithms.EcdsaSha256 || string.IsNullOrEmpty(token.Kid) || await keys.Find(token.Kid) is not { } key)
            return null;
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = [TypeOf(purpose)],
            ValidIssuer = _options.Issuer,
            ValidAudience = AudienceOf(purpose),
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = false,
            RequireSignedTokens = true,
            LifetimeValidator = (notBefore, expires, _, _) =>
                notBefore is { } start && expires is { } end && start - ClockSkew <= Now.UtcDateTime && (expiredToo || Now.UtcDateTime < end),
        });
        return result.IsValid && !string.IsNullOrEmpty(token.Subject) ? new VerifiedToken(token) : null;
    }

    DateTimeOffset Now => time.GetUtcNow();

    TimeSpan AccessLife => TimeSpan.FromSeconds(_options.AccessTokenSeconds);

    string NewTokenId()
    {
        Span<byte> bytes = stackalloc byte[TokenIdBytes];
        random.Fill(bytes);
        return Base32.Encode(bytes);
    }

    static string TypeOf(TokenPurpose purpose) => purpose switch
    {
        TokenPurpose.Access => "at+jwt",
        TokenPurpose.Session => "session+jwt",
        TokenPurpose.Spectator => "spectator+jwt",
        _ => throw new ArgumentOutOfRangeException(nameof(purpose)),
    };

    string AudienceOf(TokenPurpose purpose) => purpose switch
    {
        TokenPurpose.Access => _options.AccessAudience,
        TokenPurpose.Session => _options.SessionAudience,
        TokenPurpose.Spectator => _options.SpectatorAudience,
        _ => throw new ArgumentOutOfRangeException(nameof(purpose)),
    };
}
