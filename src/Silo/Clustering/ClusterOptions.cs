using System.ComponentModel.DataAnnotations;

namespace SessionManager.Clustering;

public enum ClusterRole
{
    /// <summary>In none: this process does everything by itself.</summary>
    None,

    /// <summary>One of the processes that hold the grains.</summary>
    Silo,

    /// <summary>A front end without grains of its own.</summary>
    Client,
}

/// <summary>A process's place among others. Section <c>Cluster</c>; it takes storage on PostgreSQL.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    public ClusterRole Role { get; set; } = ClusterRole.None;

    /// <summary>Processes of one id that share a database make one cluster. <c>session-manager</c>.</summary>
    public string Id { get; set; } = "session-manager";

    /// <summary>The IP address at which others reach this silo; null: this machine's first that is not loopback.</summary>
    public string? Address { get; set; }

    /// <summary>Where other silos connect. 11,111.</summary>
    [Range(1, 65_535)] public int SiloPort { get; set; } = 11_111;

    /// <summary>Where front ends connect. 30,000.</summary>
    [Range(1, 65_535)] public int GatewayPort { get; set; } = 30_000;
}
