using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Hosting;
using SessionManager.Nodes;

namespace SessionManager.Api.Regions;

/// <param name="PingUrl">A GET there measures the latency to the region.</param>
public sealed record RegionAnswer(string Id, string PingUrl);

public sealed record RegionsAnswer(ImmutableArray<RegionAnswer> Regions);

static class RegionRoutes
{
    public static void MapRegions(this IEndpointRouteBuilder routes)
    {
        var regions = routes.MapGroup("").OpenToBrowsers().WithTags("Credentials");
        regions.MapGet("/regions", Regions).Access(Access.AnyBearer);
        regions.MapGet("/ping", Ping).Access(Access.Anonymous);
    }

    /// <summary>The regions that have a live node, and where each can be pinged.</summary>
    internal static async Task<Ok<RegionsAnswer>> Regions(IGrainFactory grains, PublicAddress address, HttpRequest request)
    {
        var snapshot = await grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Snapshot();
        return TypedResults.Ok(new RegionsAnswer([.. snapshot.Nodes
            .Where(node => node.Live)
            .GroupBy(node => node.Region, StringComparer.Ordinal)
            .OrderBy(region => region.Key, StringComparer.Ordinal)
            .Select(region => new RegionAnswer(
                region.Key,
                region.OrderBy(node => node.NodeId, StringComparer.Ordinal).FirstOrDefault(node => node.PingUrl is not null)?.PingUrl
                    ?? address.Ping(request)))]));
    }

    /// <summary>Answers at once and with nothing: for measuring the way here.</summary>
    internal static NoContent Ping(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return TypedResults.NoContent();
    }
}
