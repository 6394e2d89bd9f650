using Microsoft.AspNetCore.Builder;

namespace SessionManager.Hosting;

/// <summary>The engine this build was made for.</summary>
static class EngineHost
{
    public const string Name = "InProcess";
    public static bool Clusters => false;

    public static void AddEngine(this WebApplicationBuilder builder, HostSettings host)
    {
    }
}
