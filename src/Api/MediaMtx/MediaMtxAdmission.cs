using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Api.Keys;
using SessionManager.Api.Nodes;
using SessionManager.Broadcasts;
using SessionManager.Nodes;

namespace SessionManager.Api.MediaMtx;

/// <summary>Who may do what on a MediaMTX: viewers read their broadcast while it is live, its node publishes it, and nobody does anything else.</summary>
sealed class MediaMtxAdmission(CredentialResolver credentials, IBroadcastStore broadcasts, IGrainFactory grains, KeyUses uses)
{
    public async Task<bool> Lets(MediaMtxRequest request, CancellationToken cancellation) => request.Action switch
    {
        "read" or "playback" => await MayWatch(request, cancellation),
        "publish" => await MayPublish(request, cancellation),
        _ => false,
    };

    async Task<bool> MayWatch(MediaMtxRequest request, CancellationToken cancellation) =>
        (OneOf(request.Token, request.Password) ?? InQuery(request.Query)) is { } token
        && await credentials.ResolveSpectator(token) is { } spectator
        && string.Equals(request.Path, BroadcastIds.PathOf(spectator.BroadcastId), StringComparison.Ordinal)
        && await broadcasts.Find(spectator.BroadcastId, cancellation) is { EndedAt: null };

    /// <summary>With a key only: a login lives too briefly to publish with, and a key is not for addresses.</summary>
    async Task<bool> MayPublish(MediaMtxRequest request, CancellationToken cancellation)
    {
        if (OneOf(request.Token, request.Password) is not { } key
            || BroadcastIds.OfPath(request.Path) is not { } broadcastId
            || await broadcasts.Find(broadcastId, cancellation) is not { EndedAt: null } broadcast)
            return false;
        var from = IPAddress.TryParse(request.Ip, out var address) ? address : null;
        var found = await credentials.Resolve(key, NodeRoutes.Reports.Metered, from);
        if (found.Value is not { KeyId: { } keyId } caller || NodeRoutes.Reports.Judge(caller) is not null)
            return false;
        await uses.Note(keyId);
        return (await grains.GetGrain<INodeGrain>(broadcast.NodeId).Get())?.OwnerId == caller.AccountId;
    }

    /// <summary>MediaMTX itself prefers the token.</summary>
    static string? OneOf(string? token, string? password) => !string.IsNullOrEmpty(token) ? token : !string.IsNullOrEmpty(password) ? password : null;

    /// <summary>It leaves the query of HLS and WebRTC for whoever it asks.</summary>
    static string? InQuery(string? query) =>
        QueryHelpers.ParseQuery(query).TryGetValue("token", out var values) && values is [{ Length: > 0 } token] ? token : null;
}
