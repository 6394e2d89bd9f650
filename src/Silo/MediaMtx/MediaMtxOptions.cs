using System.ComponentModel.DataAnnotations;

namespace SessionManager.MediaMtx;

/// <summary>A MediaMTX beside this server. Section <c>MediaMtx</c>.</summary>
public sealed class MediaMtxOptions
{
    public const string Section = "MediaMtx";

    /// <summary>Its control API, as <c>http://127.0.0.1:9997</c>: who watches a broadcast there is ended with it. null: there is none.</summary>
    public string? ApiUrl { get; set; }

    /// <summary>How long a request there may take. 5 s.</summary>
    [Range(1, 60)] public int RequestSeconds { get; set; } = 5;
}
