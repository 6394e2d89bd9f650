namespace SessionManager.Tests;

/// <summary>A measurement for docs/size.md: it takes minutes and the whole machine, so it is made only when asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class MeasureFactAttribute : FactAttribute
{
    public MeasureFactAttribute() => Skip = new ClusterFactAttribute().Skip
        ?? (Environment.GetEnvironmentVariable("CLUSTER_MEASURE") == "1" ? null : "a measurement; asked for with CLUSTER_MEASURE=1");
}
