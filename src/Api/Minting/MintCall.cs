using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Validation;
using SessionManager.Sessions;

namespace SessionManager.Api.Minting;

/// <summary>A request that mints, whichever of the two routes it came by.</summary>
readonly record struct MintCall(
    [property: FromHeader(Name = "Idempotency-Key"), Description("1 to 255 visible ASCII characters of your choice, new for every new request.")]
    string? IdempotencyKey,
    [property: FromHeader(Name = "Prefer"), Description("`wait=N`: how many seconds, up to 30, to queue where no streamer is free.")]
    string? Prefers,
    MintBody? Body,
    Caller Caller,
    Minter Minter,
    HttpContext Context)
{
    const string Replayed = "Idempotent-Replayed";

    public async Task<(Session? Session, Problem? Problem)> Mint(string route, bool withToken)
    {
        var body = Body ?? new MintBody();
        var check = new Validator();
        body.Check(check);
        Minter.Check(IdempotencyKey, check);
        if (check.Problem is { } problem)
            return (null, problem);

        var wait = Prefer.Wait(Prefers);
        if (wait is { } seconds)
            Context.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
        var minted = await Minter.Mint(
            Caller,
            body,
            withToken,
            IdempotencyKey,
            IdempotencyKey is null ? null : body.Digest(route),
            TimeSpan.FromSeconds(wait ?? 0),
            Context.RequestAborted);
        if (minted.Refusal is { } refusal)
            return (null, refusal);
        if (minted.Value!.Replayed)
            Context.Response.Headers[Replayed] = "true";
        return (minted.Value.Session, null);
    }
}
