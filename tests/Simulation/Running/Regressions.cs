namespace SessionManager.Simulation;

/// <summary>
/// Seeds under which a defect was found. A change of what the simulator draws from its seed makes of them seeds like any other.
/// </summary>
static class Regressions
{
    public static readonly IReadOnlyList<ulong> Seeds = [10, 46, 20888, 21306, 21457];
}
