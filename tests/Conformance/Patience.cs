namespace SessionManager.Conformance;

static class Patience
{
    /// <summary>The engines' response timeout in these tests.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);
}
