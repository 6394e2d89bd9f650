using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;
using Orleans.Runtime;
using SessionManager.Api.Hosting;
using SessionManager.Api.Users;
using SessionManager.Errors;

namespace SessionManager.Api.Errors;

/// <summary>
/// The outermost step of every request: names it (<c>X-Request-Id</c>), and turns whatever the framework refuses or the code
/// throws into a problem. No exception's text reaches a caller.
/// </summary>
sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public const string RequestIdHeader = "X-Request-Id";

    public async Task InvokeAsync(HttpContext context)
    {
        var response = context.Response;
        context.Features.Set(EarlyRefusals.InApplication.Mark);
        response.Headers[RequestIdHeader] = context.TraceIdentifier;
        try
        {
            await next(context);
            if (response.StatusCode >= StatusCodes.Status400BadRequest && !response.HasStarted && response.ContentLength is null
                && response.ContentType is null)
            {
                // A request given up for its time has had its headers cleared.
                response.Headers[RequestIdHeader] = context.TraceIdentifier;
                await OfStatus(response.StatusCode).ExecuteAsync(context);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
            context.Abort();
        }
        catch (Exception exception)
        {
            var problem = ProblemOf(exception, logger, context.Request.Method, context.Request.Path);
            if (response.HasStarted)
                context.Abort();
            else
                await problem.ExecuteAsync(context);
        }
    }

    /// <summary>What the caller is told of a failure; what an operator must know of it is logged.</summary>
    internal static Problem ProblemOf(Exception exception, ILogger logger, string method, string? path)
    {
        var problem = Of(exception);
        if (problem.Status == StatusCodes.Status500InternalServerError)
            LogDefect(logger, exception, method, path);
        // Anyone can be one login too many: a line each would let them fill the log.
        else if (problem.Status == StatusCodes.Status503ServiceUnavailable && exception is not PasswordsBusyException)
            LogUnavailable(logger, exception, method, path);
        return problem;
    }

    static Problem Of(Exception exception) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException json } => UnreadableJson.Explain(json),
        BadHttpRequestException bad => OfStatus(bad.StatusCode),
        // A lost answer of a grain or of its storage: the outcome is unknown, and repeating is safe (commands are idempotent).
        TimeoutException or DbException or SocketException or OrleansException or OperationCanceledException =>
            Problem.Of(ErrorCatalogue.Unavailable),
        PasswordsBusyException => Problem.Of(ErrorCatalogue.Unavailable),
        _ => Problem.Of(ErrorCatalogue.Internal),
    };

    static Problem OfStatus(int status) => Problem.Of(status switch
    {
        StatusCodes.Status401Unauthorized => ErrorCatalogue.Unauthenticated,
        StatusCodes.Status403Forbidden => ErrorCatalogue.Forbidden,
        StatusCodes.Status404NotFound => ErrorCatalogue.NotFound,
        StatusCodes.Status405MethodNotAllowed => ErrorCatalogue.MethodNotAllowed,
        StatusCodes.Status408RequestTimeout => ErrorCatalogue.RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => ErrorCatalogue.PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType => ErrorCatalogue.UnsupportedMediaType,
        StatusCodes.Status503ServiceUnavailable => ErrorCatalogue.Unavailable,
        >= StatusCodes.Status500InternalServerError => ErrorCatalogue.Internal,
        _ => ErrorCatalogue.MalformedRequest,
    });

    [LoggerMessage(1001, LogLevel.Error, "{Method} {Path} failed")]
    static partial void LogDefect(ILogger logger, Exception exception, string method, string? path);

    [LoggerMessage(1002, LogLevel.Warning, "{Method} {Path} could not be answered")]
    static partial void LogUnavailable(ILogger logger, Exception exception, string method, string? path);
}
