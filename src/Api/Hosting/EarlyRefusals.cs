using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;
using SessionManager.Api.Errors;
using SessionManager.Errors;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace SessionManager.Api.Hosting;

/// <summary>
/// What the web server cannot read as a request (a bad path, a line or headers too long, no HTTP at all) never reaches the application,
/// and it answers with a status and nothing else. It tells of each such refusal first; then this writes the answer that every other
/// error has, and what the server writes afterwards is dropped.
/// </summary>
sealed class EarlyRefusals : IObserver<KeyValuePair<string, object?>>
{
    const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public static void Watch(KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection =>
    {
        var output = new RefusableWriter(connection.Transport.Output);
        connection.Transport = new Transport(connection.Transport.Input, output);
        connection.Features.Set(output);
        return next(connection);
    }));

    public static void Answer(IServiceProvider services) =>
        services.GetRequiredService<DiagnosticListener>().Subscribe(new EarlyRefusals(), name => name == BadRequest);

    public void OnNext(KeyValuePair<string, object?> told)
    {
        // Under TLS this writer is below the encryption; the server's own answer stands.
        if (told.Value is not IFeatureCollection features
            || features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException bad
            || features.Get<InApplication>() is not null
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false }
            || features.Get<ITlsHandshakeFeature>() is not null
            || features.Get<RefusableWriter>() is not { } output)
            return;
        output.Refuse(Format(Problem.Of(CodeOf(bad.StatusCode)), features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? ""));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    static string CodeOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => ErrorCatalogue.RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => ErrorCatalogue.PayloadTooLarge,
        StatusCodes.Status414UriTooLong => ErrorCatalogue.UriTooLong,
        StatusCodes.Status431RequestHeaderFieldsTooLarge => ErrorCatalogue.HeadersTooLarge,
        StatusCodes.Status505HttpVersionNotsupported => ErrorCatalogue.HttpVersion,
        _ => ErrorCatalogue.MalformedHttp,
    };

    /// <summary>A page may read it, as it may any answer; which route it would have been for, nobody knows.</summary>
    static byte[] Format(Problem problem, string requestId)
    {
        var body = problem.ToJson(requestId);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {problem.Status} {ReasonPhrases.GetReasonPhrase(problem.Status)}
            Content-Type: {Problem.ContentType}
            Content-Length: {body.Length}
            {ErrorMiddleware.RequestIdHeader}: {requestId}
            Access-Control-Allow-Origin: *
            Connection: close


            """).ReplaceLineEndings("\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Marks a request that the application has begun with: its errors are the application's to answer.</summary>
    public sealed record InApplication
    {
        public static InApplication Mark { get; } = new();
    }

    sealed record Transport(System.IO.Pipelines.PipeReader Input, System.IO.Pipelines.PipeWriter Output) : System.IO.Pipelines.IDuplexPipe;
}
