namespace SessionManager.Sessions;

/// <summary>The <c>Idempotency-Key</c> of a mint (docs/decisions, 5).</summary>
public static class IdempotencyKeys
{
    /// <summary>For how long a repeat gets the first answer: 24 hours from the mint.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);
}
