namespace SessionManager.Api.Demo;

static class DemoServices
{
    public static void AddDemo(this IServiceCollection services) => services
        .AddSingleton<DemoData>()
        .AddSingleton<DemoNode>()
        .AddSingleton<DemoStreamer>()
        .AddHostedService<DemoService>();
}
