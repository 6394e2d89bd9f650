namespace SessionManager.Simulation;

/// <summary>
/// Seeds under which a bug was found, with the bug (docs/simulation.md tells more of each). A change of what the simulator
/// draws from its seed makes of them seeds like others; the mutations of the same names find the bugs again under new ones.
/// </summary>
static class Regressions
{
    public static readonly IReadOnlyList<ulong> Seeds =
    [
        5, 7, 8, 22, 42, 45, 54, 55, 74, 98, 106, 109, 136, 152, 162, 182, 233, 308,
    ];
}
