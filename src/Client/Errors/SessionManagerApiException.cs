using System.Net;

namespace SessionManager.Client;

/// <summary>The server refused. Branch on the type or on <see cref="Code"/>; the page <c>/docs</c> of the server lists every code.</summary>
public class SessionManagerApiException : SessionManagerException
{
    internal SessionManagerApiException(Refusal refusal)
        : base(refusal.Message, null)
    {
        Status = refusal.Status;
        Code = refusal.Body?.Code;
        RequestId = refusal.Body?.RequestId;
        Errors = refusal.Body?.Errors ?? [];
        RetryAfter = refusal.RetryAfter;
    }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Stable, as <c>session_not_found</c>; <see langword="null"/> where something else than the server answered.</summary>
    public string? Code { get; }

    /// <summary>To be named when the problem is reported.</summary>
    public string? RequestId { get; }

    /// <summary>What is wrong with which value of the request; empty for most refusals.</summary>
    public IReadOnlyList<FieldError> Errors { get; }
}

/// <summary>What is wrong with one value of a request.</summary>
/// <param name="Field">Its name on the wire, as <c>expires_at</c>.</param>
/// <param name="Message">What is allowed.</param>
public sealed record FieldError(string Field, string Message);

/// <summary>
/// The credential is missing, wrong, expired or revoked (401), or does not open this (403): other scopes, another account's node, keys
/// that are switched off.
/// </summary>
public sealed class SessionManagerAuthenticationException : SessionManagerApiException
{
    internal SessionManagerAuthenticationException(Refusal refusal)
        : base(refusal)
    {
    }
}

/// <summary>No streamer has room now. Waiting may help, and so does queueing (<see cref="CreateCredentialsOptions.Wait"/>).</summary>
public sealed class NoStreamerAvailableException : SessionManagerApiException
{
    internal NoStreamerAvailableException(Refusal refusal)
        : base(refusal)
    {
    }
}
