namespace SessionManager.Hosting;

/// <summary>Orleans' dashboard at <c>/dashboard</c>, for administrators. Section <c>Dashboard</c>.</summary>
public sealed class OrleansDashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>
    /// True: it is there. In a cluster, silos and front ends must agree: a front end's dashboard asks the silos' for what it shows.
    /// </summary>
    public bool Enabled { get; set; } = true;
}
