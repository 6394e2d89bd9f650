using System.Security.Cryptography;
using System.Text;
using SessionManager.Api.Validation;
using SessionManager.Sessions;

namespace SessionManager.Api.Minting;

/// <param name="RegionLatencies">Milliseconds to each region, as the client measured them; the nearest with room is chosen.</param>
/// <param name="Capabilities">What the streamer must be able to do.</param>
public sealed record MintBody(Dictionary<string, double>? RegionLatencies = null, Capabilities? Capabilities = null)
{
    const int MaxRegions = 64;
    const double MaxLatency = 1_000_000;

    internal void Check(Validator check)
    {
        if (RegionLatencies is not { } latencies)
            return;
        check.That(latencies.Count <= MaxRegions, "region_latencies", $"must have at most {MaxRegions} regions");
        check.That(latencies.Keys.All(Names.IsRegion), "region_latencies", $"must have region ids as keys ({Names.Shape})");
        check.That(
            latencies.Values.All(latency => latency is >= 0 and <= MaxLatency),
            "region_latencies",
            "must have milliseconds from 0 to 1000000 as values");
    }

    /// <summary>
    /// The same for requests that mean the same, whatever the order or spelling of their JSON: what tells a repeated request
    /// from another under one idempotency key.
    /// </summary>
    internal string Digest(string route)
    {
        var text = new StringBuilder(route).Append('\n').Append(Capabilities?.ImageToVideo ?? false);
        foreach (var (region, latency) in (RegionLatencies ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append('\n').Append(region).Append('=').Append(BitConverter.DoubleToInt64Bits(latency));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
