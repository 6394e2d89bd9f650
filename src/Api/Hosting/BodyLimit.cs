using Microsoft.AspNetCore.Http.Metadata;

namespace SessionManager.Api.Hosting;

/// <summary>A route's own limit on its body, in place of the server's.</summary>
sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;

static class BodyLimitExtensions
{
    public static TBuilder LimitBody<TBuilder>(this TBuilder builder, long bytes) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new BodyLimit(bytes));
}
