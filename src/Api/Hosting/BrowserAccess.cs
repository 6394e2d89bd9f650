namespace SessionManager.Api.Hosting;

/// <summary>
/// Which routes pages of other origins may call: those the client in a browser uses, and no other. Credentials travel in
/// headers and never in cookies, so any origin may ask.
/// </summary>
static class BrowserAccess
{
    const string Policy = "browsers";
    static readonly TimeSpan PreflightLife = TimeSpan.FromHours(2);

    public static void AddBrowserAccess(this IServiceCollection services) => services.AddCors(cors => cors.AddPolicy(Policy, policy => policy
        .AllowAnyOrigin()
        .AllowAnyHeader()
        .AllowAnyMethod()
        .WithExposedHeaders("Location", "ETag", "Retry-After")
        .SetPreflightMaxAge(PreflightLife)));

    public static TBuilder OpenToBrowsers<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.RequireCors(Policy);
}
