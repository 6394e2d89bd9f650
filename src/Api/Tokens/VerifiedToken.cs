using Microsoft.IdentityModel.JsonWebTokens;

namespace SessionManager.Api.Tokens;

/// <summary>A token whose signature, algorithm, type, issuer, audience and times have been found good.</summary>
public sealed class VerifiedToken(JsonWebToken token)
{
    /// <summary>This very token's own id (RFC 7519, <c>jti</c>).</summary>
    public string Id => token.Id;

    /// <summary>The account.</summary>
    public string Subject => token.Subject;

    /// <summary>The key it was got for; null for a login.</summary>
    public string? KeyId => Text(TokenService.KeyIdClaim);

    /// <summary>A login's epoch; null in any other token.</summary>
    public int? LoginEpoch => token.TryGetPayloadValue<int>(TokenService.EpochClaim, out var epoch) ? epoch : null;

    /// <summary>The session a session token connects to.</summary>
    public string? SessionId => Text(TokenService.SessionIdClaim);

    /// <summary>The broadcast a spectator token watches.</summary>
    public string? BroadcastId => Text(TokenService.BroadcastIdClaim);

    /// <summary>How many may watch with a spectator token at a time; null: any number.</summary>
    public int? MaxViewers => token.TryGetPayloadValue<int>(TokenService.MaxViewersClaim, out var limit) ? limit : null;

    public DateTimeOffset ExpiresAt => new(DateTime.SpecifyKind(token.ValidTo, DateTimeKind.Utc));

    string? Text(string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;
}
