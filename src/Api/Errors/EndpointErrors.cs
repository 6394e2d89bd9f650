namespace SessionManager.Api.Errors;

/// <summary>The codes a route may refuse with besides those every route shares; the API description lists them.</summary>
public sealed record EndpointErrors(params string[] Codes);

public static class EndpointErrorsExtensions
{
    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params string[] codes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointErrors(codes));
}
