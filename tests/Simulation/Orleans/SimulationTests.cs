namespace SessionManager.Simulation;

public sealed class SimulationTests
{
    [Fact(Skip = "The simulation runs on the InProcess engine only; ./test runs it there.")]
    public void Grains_keep_their_promises_under_every_fault()
    {
    }
}
