using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Hosting;
using SessionManager.Api.Tokens;
using SessionManager.Api.Validation;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Sessions;

namespace SessionManager.Api.Minting;

/// <param name="SignallingUrl">Where the client connects. This route spells it with two l.</param>
/// <param name="StreamerId">The node the session has its place on.</param>
public sealed record SessionAnswer(
    string SessionId, string SignallingUrl, string StreamerId, string Model, string Region, Capabilities Capabilities);

public sealed record SessionTokenRequest([property: Required] string? SessionId);

/// <param name="SessionToken">Connects one client to the session; handed to the browser instead of the API key.</param>
/// <param name="ExpiresIn">Seconds left to connect in. A stream that is connected by then goes on.</param>
public sealed record SessionTokenAnswer(string SessionToken, int ExpiresIn);

/// <param name="SignalingUrl">Where the client connects.</param>
/// <param name="SessionToken">Connects one client to the session; handed to the browser instead of the API key.</param>
/// <param name="ExpiresIn">Seconds left to connect in. A stream that is connected by then goes on.</param>
/// <param name="Capabilities">What the streamer can do besides; left out when it is nothing.</param>
public sealed record CredentialsAnswer(
    string SessionId, string SignalingUrl, string SessionToken, int ExpiresIn, Capabilities? Capabilities);

static class MintRoutes
{
    static readonly Access MayMint = Access.Bearer(Scopes.SessionsWrite) with { Mints = true };

    public static void MapMinting(this IEndpointRouteBuilder routes)
    {
        var api = routes.ServiceProvider.GetRequiredService<IOptions<ApiOptions>>().Value;
        var waiting = new RequestTimeoutPolicy
        {
            Timeout = TimeSpan.FromSeconds(api.RequestSeconds + Prefer.MaxWaitSeconds),
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        };
        string[] refusals =
        [
            ErrorCatalogue.NoStreamer, ErrorCatalogue.ConcurrentLimit, ErrorCatalogue.MonthlyLimit, ErrorCatalogue.AccountSuspended,
            ErrorCatalogue.IdempotencyMismatch, ErrorCatalogue.IdempotencyInFlight, ErrorCatalogue.SessionDropped,
        ];
        var credentials = routes.MapGroup("").OpenToBrowsers().WithTags("Credentials");
        credentials.MapPost("/credentials", Credentials).Access(MayMint).WithRequestTimeout(waiting).Refuses(refusals);
        credentials.MapPost("/sessions/request", Request).Access(MayMint).WithRequestTimeout(waiting).Refuses(refusals);
        credentials.MapPost("/sessions/token", Token).Access(Access.Bearer(Scopes.SessionsWrite))
            .Refuses(ErrorCatalogue.SessionNotFound, ErrorCatalogue.SessionExpired);
    }

    /// <summary>Mints a session and its token in one call.</summary>
    /// <remarks>`Idempotency-Key` makes a repeat safe for 24 hours; those who wait are served first come first served.</remarks>
    internal static async Task<Results<Created<CredentialsAnswer>, Problem>> Credentials(
        [AsParameters] MintCall call, TokenService tokens, PublicAddress address, TimeProvider time, HttpContext context)
    {
        var minted = await call.Mint("/credentials", withToken: true);
        if (minted.Problem is { } problem)
            return problem;
        var session = minted.Session!;
        // As of the mint, so that a repeat of it gets the same token; only what is left of it is told anew.
        var expires = session.TokenExpiresAt!.Value;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            $"/api/sessions/{session.SessionId}",
            new CredentialsAnswer(
                session.SessionId,
                session.NodeSignalingUrl ?? address.Signaling(context.Request),
                await tokens.ForSession(session.AccountId, session.SessionId, session.CreatedAt, expires),
                Seconds(expires - time.GetUtcNow()),
                session.Capabilities));
    }

    /// <summary>Asks for a session; its token comes from `POST /sessions/token`.</summary>
    /// <remarks>`Idempotency-Key` makes a repeat safe for 24 hours; those who wait are served first come first served.</remarks>
    internal static async Task<Results<Ok<SessionAnswer>, Problem>> Request(
        [AsParameters] MintCall call, PublicAddress address, HttpContext context)
    {
        var minted = await call.Mint("/sessions/request", withToken: false);
        if (minted.Problem is { } problem)
            return problem;
        var session = minted.Session!;
        return TypedResults.Ok(new SessionAnswer(
            session.SessionId,
            session.NodeSignalingUrl ?? address.Signaling(context.Request),
            session.NodeId,
            session.Model,
            session.Region,
            session.Capabilities ?? new Capabilities(ImageToVideo: false)));
    }

    /// <summary>Issues a session's token.</summary>
    /// <remarks>The first call starts the token's life; a repeat answers with the same expiry.</remarks>
    internal static async Task<Results<Ok<SessionTokenAnswer>, Problem>> Token(
        SessionTokenRequest request, Caller caller, IGrainFactory grains, TokenService tokens, TimeProvider time, HttpResponse response)
    {
        var check = new Validator();
        if (!check.Required(request.SessionId, "session_id"))
            return check.Problem!;
        if (!SessionIds.IsWellFormed(request.SessionId))
            return Problem.Of(ErrorCatalogue.SessionNotFound);
        var issued = await grains.GetGrain<ISessionGrain>(request.SessionId).IssueToken(caller.AccountId);
        if (issued.Refusal is { } refusal)
            return (Problem)refusal;
        var expires = issued.Value!.TokenExpiresAt!.Value;
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new SessionTokenAnswer(
            await tokens.ForSession(caller.AccountId, request.SessionId, time.GetUtcNow(), expires),
            Seconds(expires - time.GetUtcNow())));
    }

    /// <summary>Rounded up, so that a token just made has its whole life before it; 0 once it has expired.</summary>
    static int Seconds(TimeSpan left) => Math.Max(0, (int)Math.Ceiling(left.TotalSeconds));
}
