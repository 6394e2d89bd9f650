using System.ComponentModel.DataAnnotations;

namespace SessionManager.Nodes;

/// <summary>Section <c>Nodes</c>.</summary>
public sealed class NodeOptions
{
    public const string Section = "Nodes";

    /// <summary>A node that is not heard of for this long is lost. 15 s.</summary>
    [Range(1, 3_600)] public int LeaseSeconds { get; set; } = 15;

    /// <summary>A node that has been lost for this long is forgotten, and its id is free. 86,400 (a day).</summary>
    [Range(1, 31_536_000)] public int ForgetSeconds { get; set; } = 86_400;
}
