using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Orleans.Dashboard;
using SessionManager.Api.Auth;
using SessionManager.Api.Tokens;
using SessionManager.Api.Users;
using SessionManager.Hosting;

namespace SessionManager.Api.Dashboard;

/// <summary>
/// Orleans' dashboard knows nothing of people. A browser asks its user for an administrator's name and password (RFC 7617);
/// the login they get stays in a cookie for these pages alone, because a password is too slow to check at every request.
/// </summary>
sealed class DashboardLogin(RequestDelegate next, Logins logins, TokenService tokens)
{
    const string Path = "/dashboard";
    const string Cookie = "dashboard";
    const string Challenge = "Basic realm=\"dashboard\", charset=\"UTF-8\"";

    public static void Map(WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<OrleansDashboardOptions>>().Value.Enabled)
            return;
        var pages = new Lazy<RequestDelegate>(() => Pages(app.Services));
        app.MapGet($"{Path}/{{**page}}", context =>
            {
                context.SetEndpoint(null);
                return pages.Value(context);
            })
            .ExcludeFromDescription().Access(Access.AdminLoginOnly);
    }

    /// <summary>Made for the first who looks: Orleans compresses the dashboard's files when it maps them, a third of what a start would cost.</summary>
    static RequestDelegate Pages(IServiceProvider services)
    {
        var pages = new ApplicationBuilder(services);
        pages.UseRouting();
        pages.UseEndpoints(routes =>
        {
            var dashboard = routes.MapOrleansDashboard(Path);
            // It shows any grain's state as it is stored, password hashes among it.
            dashboard.MapGet("/GrainState", () => TypedResults.NotFound()).WithOrder(-1);
            dashboard.ExcludeFromDescription().Access(Access.AdminLoginOnly);
        });
        return pages.Build();
    }

    public static void Use(IApplicationBuilder app) => app.UseWhen(
        context => context.GetEndpoint() is not null && context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase),
        dashboard => dashboard.UseMiddleware<DashboardLogin>());

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(() =>
        {
            if (context.Response.StatusCode == StatusCodes.Status401Unauthorized)
            {
                context.Response.Headers.WWWAuthenticate = Challenge;
                context.Response.Cookies.Delete(Cookie, Options(context));
            }

            return Task.CompletedTask;
        });
        var header = context.Request.Headers.Authorization.ToString();
        if (context.Request.Cookies[Cookie] is { Length: > 0 } login)
            context.Request.Headers.Authorization = $"Bearer {login}";
        else if (Read(header) is { } given)
            context.Request.Headers.Authorization = await LogIn(given.Username, given.Password, context);
        await next(context);
    }

    async Task<string?> LogIn(string username, string password, HttpContext context)
    {
        var login = await logins.Check(username, password, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (!login.Ok)
            return null;
        var token = await tokens.ForLogin(login.Value.AccountId, login.Value.Epoch);
        context.Response.Cookies.Append(Cookie, token, Options(context));
        return $"Bearer {token}";
    }

    static CookieOptions Options(HttpContext context) =>
        new() { HttpOnly = true, Secure = context.Request.IsHttps, SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Strict, Path = Path };

    static (string Username, string Password)? Read(string header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var value) || !"Basic".Equals(value.Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[value.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(value.Parameter ?? "", bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return pair.Length == 2 ? (pair[0], pair[1]) : null;
    }
}
