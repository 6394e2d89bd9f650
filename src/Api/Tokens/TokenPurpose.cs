namespace SessionManager.Api.Tokens;

/// <summary>What a token is for. Each has its own <c>typ</c> and <c>aud</c>, and none is taken for another.</summary>
public enum TokenPurpose
{
    /// <summary>Calls this API: a login, or got for a key.</summary>
    Access,

    /// <summary>Connects one client to one session.</summary>
    Session,

    /// <summary>Watches one broadcast.</summary>
    Spectator,
}
