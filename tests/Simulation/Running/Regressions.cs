namespace SessionManager.Simulation;

/// <summary>
/// Seeds under which a bug was found (docs/simulation.md tells which). A change of what the simulator draws from its seed makes
/// of them seeds like any other.
/// </summary>
static class Regressions
{
    public static readonly IReadOnlyList<ulong> Seeds =
    [
        5, 7, 8, 22, 42, 45, 54, 55, 74, 93, 98, 106, 109, 136, 152, 162, 182, 233, 157, 279, 308, 272632753, 272632787, 272632809, 272632868, 272632921, 272632922,
        69382831, 69382974, 380612752, 723130230, 396099683, 396099756, 396099975, 513234620, 721850184, 972339474, 174828639, 174828664, 934983254, 934983285, 9459396493675, 723130074, 723130076, 5374728, 373692775, 140365469,
        527719593, 527719668, 527718395,
    ];
}
