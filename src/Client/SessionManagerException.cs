using System.Net;
using System.Text.Json;

namespace SessionManager.Client;

/// <summary>The server refused. Branch on <see cref="Code"/>; the page <c>/docs</c> of the server lists them all.</summary>
public sealed class SessionManagerException : Exception
{
    internal SessionManagerException(HttpStatusCode status, Problem? problem, TimeSpan? retryAfter)
        : base(problem?.Detail ?? problem?.Message ?? problem?.Title ?? $"The server answered {(int)status}.")
    {
        Status = status;
        Code = problem?.Code;
        RequestId = problem?.RequestId;
        Details = problem?.Details;
        RetryAfter = retryAfter;
    }

    public HttpStatusCode Status { get; }

    /// <summary>As <c>CONCURRENT_LIMIT_REACHED</c>; null where something else than the server answered.</summary>
    public string? Code { get; }

    /// <summary>Name it when you report the problem.</summary>
    public string? RequestId { get; }

    /// <summary>A usage error's figures.</summary>
    public JsonElement? Details { get; }

    /// <summary>Where waiting helps.</summary>
    public TimeSpan? RetryAfter { get; }
}
