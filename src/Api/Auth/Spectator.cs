namespace SessionManager.Api.Auth;

/// <summary>Who holds a spectator token, which can do nothing but watch one broadcast.</summary>
/// <param name="TokenId">The token's own id.</param>
/// <param name="MaxViewers">How many may watch with it at a time; null: any number.</param>
public sealed record Spectator(string BroadcastId, string TokenId, DateTimeOffset ExpiresAt, int? MaxViewers)
{
    /// <summary>Lets a handler take it as a parameter. Only routes for spectators have one.</summary>
    public static ValueTask<Spectator?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Spectator>());
}
