using SessionManager.Hosting;

namespace SessionManager.Tests;

/// <summary>A test that needs real processes in a cluster; named as skipped where this build or this machine cannot have one.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip =
        SessionManagerHost.Engine != "Orleans" ? "needs the Microsoft.Orleans packages: this build has engine InProcess, which is no cluster"
        : !OperatingSystem.IsLinux() ? "needs Linux: it starts, stops and kills processes through deploy/local-cluster"
        : PostgresBinaries.Folder is null ? PostgresBinaries.Missing
        : null;
}
