namespace SessionManager.Tests;

/// <summary>A test that needs real processes in a cluster; named as skipped where this machine cannot have one.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip =
        !OperatingSystem.IsLinux() ? "needs Linux: it starts, stops and kills processes through deploy/local-cluster"
        : PostgresBinaries.Folder is null ? PostgresBinaries.Missing
        : null;
}
