namespace SessionManager.Api.Hosting;

/// <summary>
/// A line for every request, where <c>Api__AccessLog</c> asks for it. It names the route and never the query: tokens travel in
/// queries where a browser leaves no other way.
/// </summary>
sealed partial class AccessLog(RequestDelegate next, TimeProvider time, ILogger<AccessLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var start = time.GetTimestamp();
        await next(context);
        Log(
            logger,
            context.Request.Method,
            (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText,
            context.Response.StatusCode,
            time.GetElapsedTime(start).TotalMilliseconds,
            context.TraceIdentifier,
            context.Connection.RemoteIpAddress?.ToString());
    }

    [LoggerMessage(1010, LogLevel.Information, "{Method} {Route} {Status} in {Milliseconds:0.0} ms ({RequestId}, {Address})")]
    static partial void Log(
        ILogger logger, string method, string? route, int status, double milliseconds, string requestId, string? address);
}
