using System.ComponentModel.DataAnnotations;

namespace SessionManager.Api.Tokens;

/// <summary>What tokens say of themselves. The same in every process of a deployment. Section <c>Tokens</c>.</summary>
public sealed class TokenOptions
{
    public const string Section = "Tokens";

    /// <summary>The <c>iss</c> of every token.</summary>
    [Required, StringLength(200, MinimumLength = 1)] public string Issuer { get; set; } = "session-manager";

    /// <summary>The <c>aud</c> of logins and of tokens got for a key.</summary>
    [Required, StringLength(200, MinimumLength = 1)] public string AccessAudience { get; set; } = "session-manager/api";

    /// <summary>The <c>aud</c> of session tokens.</summary>
    [Required, StringLength(200, MinimumLength = 1)] public string SessionAudience { get; set; } = "session-manager/signaling";

    /// <summary>The <c>aud</c> of spectator tokens.</summary>
    [Required, StringLength(200, MinimumLength = 1)] public string SpectatorAudience { get; set; } = "session-manager/broadcast";

    /// <summary>How long logins and tokens got for a key live. 3,600 s. Either dies sooner with what it stands for.</summary>
    [Range(1, 86_400)] public int AccessTokenSeconds { get; set; } = 3600;
}
