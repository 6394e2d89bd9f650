using System.ComponentModel.DataAnnotations;

namespace SessionManager.Api.Demo;

/// <summary>The demonstration data a first start makes. Section <c>Demo</c>.</summary>
public sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>Whether a start makes (and keeps) the demo account, its key and the demo node.</summary>
    public bool Enabled { get; set; }

    /// <summary>Places on the demo node. 100.</summary>
    [Range(1, 10_000_000)] public int NodeCapacity { get; set; } = 100;

    /// <summary>
    /// The folder of the sample streamer, which gives the demo node a picture where Node.js is present. null: it has none.
    /// </summary>
    public string? Streamer { get; set; }
}
